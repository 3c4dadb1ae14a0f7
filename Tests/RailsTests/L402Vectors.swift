/// A macaroon that pymacaroons 0.13.0 and go-macaroon 2.1.0 both parse and verify.
struct MacaroonVector: Sendable {
  let location: String
  let caveats: [String]
  let rootKey: String
  let preimage: String
  let tokenID: String
  let paymentHash: String
  /// s0, s1, …: the signature before the first caveat and after each.
  let signatures: [String]
  let hex: String
  let base64: String

  static let all: [MacaroonVector] = [
    vector0,
    vector1,
    vector2,
    vector3,
    vector4,
  ]

  private static let vector0 = MacaroonVector(
    location: "lsat",
    caveats: [],
    rootKey: "fb0ee5f33935284ce07c9315b4f4a8a5d121df7feffc49ce04e5fa7a30c5a16c",
    preimage: "d39d8ed375b7daeca747e68807f0e8ed64e8b47d5dbb1a6eb54e8c8d3085abf1",
    tokenID: "7a47348069851396e9ae612a424d8b1587c914354131ea9fda46fb05f4f2626a",
    paymentHash: "1bf5a83f8da2e8028e77f1fae9301b31d65c93eac5e9f2f2920e84d5c3bf67a0",
    signatures: [
      "1f6dcc02dd405f1cea93b04a598a315701b451eb7f518a5bc7f98ea87db4c3cb"
    ],
    hex: "0201046c736174024200001bf5a83f8da2e8028e77f1fae9301b31d65c93eac5e9f2f292"
      + "0e84d5c3bf67a07a47348069851396e9ae612a424d8b1587c914354131ea9fda46fb05f4"
      + "f2626a000006201f6dcc02dd405f1cea93b04a598a315701b451eb7f518a5bc7f98ea87d"
      + "b4c3cb",
    base64: "AgEEbHNhdAJCAAAb9ag/jaLoAo538frpMBsx1lyT6sXp8vKSDoTVw79noHpHNIBphROW6a5h"
      + "KkJNixWHyRQ1QTHqn9pG+wX08mJqAAAGIB9tzALdQF8c6pOwSlmKMVcBtFHrf1GKW8f5jqh9"
      + "tMPL")

  private static let vector1 = MacaroonVector(
    location: "lsat",
    caveats: ["services=svc_a:0"],
    rootKey: "2b53d21379ba77e920034c3734e7cbea835bb9cfe19db252687bfa0d505139cf",
    preimage: "f4edc318ad067a686176d19c92b558d716ae6b151317419efd9e3471943381f7",
    tokenID: "d0277b47c5c203c6a501fe9ec0d152cfa7dfd6da7cd02e2bbc1b331b66d5119b",
    paymentHash: "e0e8cc45061075e88ff143ddd3a001ae1ba3e3a2e3d790e28aec626201c273a7",
    signatures: [
      "5031b1a9ab2117b396542c42f9239bcdd67a16d7abceca2ccafdeb5f7f6b1c57",
      "58fb8471ea52da2d058b01b6ab618004ee710086466cdc70e2357dd7e37e1aed",
    ],
    hex: "0201046c73617402420000e0e8cc45061075e88ff143ddd3a001ae1ba3e3a2e3d790e28a"
      + "ec626201c273a7d0277b47c5c203c6a501fe9ec0d152cfa7dfd6da7cd02e2bbc1b331b66"
      + "d5119b00021073657276696365733d7376635f613a300000062058fb8471ea52da2d058b"
      + "01b6ab618004ee710086466cdc70e2357dd7e37e1aed",
    base64: "AgEEbHNhdAJCAADg6MxFBhB16I/xQ93ToAGuG6PjouPXkOKK7GJiAcJzp9Ane0fFwgPGpQH+"
      + "nsDRUs+n39bafNAuK7wbMxtm1RGbAAIQc2VydmljZXM9c3ZjX2E6MAAABiBY+4Rx6lLaLQWL"
      + "AbarYYAE7nEAhkZs3HDiNX3X434a7Q==")

  private static let vector2 = MacaroonVector(
    location: "lsat",
    caveats: ["services=svc_a:0", "svc_a_valid_until=1893456000"],
    rootKey: "f4cee9432566e6a4c4311d2919e0bfea2831bd6577e223aa2e64e1b793cbc61b",
    preimage: "0c9e537d31ac63a4f3c09543688b333e7e3ebd85a34bb8229d77e94c63d5ced1",
    tokenID: "65be79f596c887349c775f6fc32cdaa48caa606dc1741d822112585289598ae1",
    paymentHash: "53bfb4d81de4015f66b36cc49fdf88a2a95338a69b8a4874ce54c1a8379d2fff",
    signatures: [
      "2f1a4ef11f73078f79c8b8c4d99af8de6b5304470b50b6e4686186b53a9e08e5",
      "372801890cc9d38f8df6b763fb1ba4011739c04bff4542172ac877e68b40f8f0",
      "d1dff1de212120def3d36d2283fddf657464af89f36adfd27ca297fd60688714",
    ],
    hex: "0201046c7361740242000053bfb4d81de4015f66b36cc49fdf88a2a95338a69b8a4874ce"
      + "54c1a8379d2fff65be79f596c887349c775f6fc32cdaa48caa606dc1741d822112585289"
      + "598ae100021073657276696365733d7376635f613a3000021c7376635f615f76616c6964"
      + "5f756e74696c3d3138393334353630303000000620d1dff1de212120def3d36d2283fddf"
      + "657464af89f36adfd27ca297fd60688714",
    base64: "AgEEbHNhdAJCAABTv7TYHeQBX2azbMSf34iiqVM4ppuKSHTOVMGoN50v/2W+efWWyIc0nHdf"
      + "b8Ms2qSMqmBtwXQdgiESWFKJWYrhAAIQc2VydmljZXM9c3ZjX2E6MAACHHN2Y19hX3ZhbGlk"
      + "X3VudGlsPTE4OTM0NTYwMDAAAAYg0d/x3iEhIN7z020ig/3fZXRkr4nzat/SfKKX/WBohxQ=")

  private static let vector3 = MacaroonVector(
    location: "",
    caveats: [
      "services=svc_a:0,svc_b:1", "svc_a_capabilities=read,write", "svc_a_valid_until=1893456000",
      "note=" + String(repeating: "x", count: 200),
    ],
    rootKey: "c13824cb2f765a9e746e236096065f04bef29028994b21d0a90d8d2f961339a2",
    preimage: "78198d286665515b4ae806318a9f317bb1fade5665643c3e259cc9ada3b0c686",
    tokenID: "cd051ffd115c8e4c707a0059ce1b96f7f53452ffb8ce6a79daa3c9dea903dc9a",
    paymentHash: "e0cc511a2f955c31b907955ab51af41ecefa911a3f9b6e7cfeffcafa6e794c0e",
    signatures: [
      "12c7fe85e67e938d66b8f3e3242bbfd48d98c7a560a683f5102af19cf1276f4e",
      "7f5921b4abd17ce3eba527a349edf57dc4e1f7bb20ea72c3bfda6b6c72bfc115",
      "3f2a5756ef2fd5318225b8f114174e27dde258401d59dbb3363569a4f63da4b7",
      "f42e528b7424b56e9b3c217bb41d2741db64b4f5f061fa8bceba3b99a02cddc7",
      "92665c29cbb8cc9a35b63a99979d16d055db5b586b2acd1509040345a284f032",
    ],
    hex: hexOfLong,
    base64: base64OfLong)

  private static let vector4 = MacaroonVector(
    location: "https://pay.example",
    caveats: ["note=⚡ café"],
    rootKey: "960136327e8b3328d2c2fb9e4a63587a8bded35d5dbaca6b2cbef8e0d32a6530",
    preimage: "8f3ed109f8092328f90950fde83210993f7be77eb5ee94aa6c5e7955dc2bb7a6",
    tokenID: "ccd4f8a859daaa8d24bae1b825c30498b337003770f56f7170bb254c33fe7a80",
    paymentHash: "7c755c07d82dbc90773cf127d71959acbb59abef1853f11affdc735a51939e68",
    signatures: [
      "11120a666bac02efd7a15b00ce8b7a672c7d436a1f6bacbcac9533ed7b531624",
      "c3ea7edc3b0adca8204ca867e7090dc20ae80da2451eabecd528d409cf2e5e74",
    ],
    hex: "02011368747470733a2f2f7061792e6578616d706c65024200007c755c07d82dbc90773c"
      + "f127d71959acbb59abef1853f11affdc735a51939e68ccd4f8a859daaa8d24bae1b825c3"
      + "0498b337003770f56f7170bb254c33fe7a8000020e6e6f74653de29aa120636166c3a900"
      + "000620c3ea7edc3b0adca8204ca867e7090dc20ae80da2451eabecd528d409cf2e5e74",
    base64: "AgETaHR0cHM6Ly9wYXkuZXhhbXBsZQJCAAB8dVwH2C28kHc88SfXGVmsu1mr7xhT8Rr/3HNa"
      + "UZOeaMzU+KhZ2qqNJLrhuCXDBJizNwA3cPVvcXC7JUwz/nqAAAIObm90ZT3imqEgY2Fmw6kA"
      + "AAYgw+p+3DsK3KggTKhn5wkNwgroDaJFHqvs1SjUCc8uXnQ=")

  private static let hexOfLong: String =
    "02010002420000e0cc511a2f955c31b907955ab51af41ecefa911a3f9b6e7cfeffcafa6e"
    + "794c0ecd051ffd115c8e4c707a0059ce1b96f7f53452ffb8ce6a79daa3c9dea903dc9a00"
    + "021873657276696365733d7376635f613a302c7376635f623a3100021d7376635f615f63"
    + "61706162696c69746965733d726561642c777269746500021c7376635f615f76616c6964"
    + "5f756e74696c3d313839333435363030300002cd016e6f74653d"
    + String(repeating: "78", count: 200)
    + "0000062092665c29cbb8cc9a35b63a99979d16d055db5b586b2acd1509040345a284f032"

  private static let base64OfLong: String =
    "AgEAAkIAAODMURovlVwxuQeVWrUa9B7O+pEaP5tufP7/yvpueUwOzQUf/RFcjkxwegBZzhuW"
    + "9/U0Uv+4zmp52qPJ3qkD3JoAAhhzZXJ2aWNlcz1zdmNfYTowLHN2Y19iOjEAAh1zdmNfYV9j"
    + "YXBhYmlsaXRpZXM9cmVhZCx3cml0ZQACHHN2Y19hX3ZhbGlkX3VudGlsPTE4OTM0NTYwMDAA"
    + "As0Bbm90ZT14"
    + String(repeating: "eHh4", count: 66)
    + "eAAABiCSZlwpy7jMmjW2OpmXnRbQVdtbWGsqzRUJBANFooTwMg=="

  /// The fourth as go-macaroon writes it: without the packet of its empty location.
  static let hexOfLongInGo: String =
    "0202420000e0cc511a2f955c31b907955ab51af41ecefa911a3f9b6e7cfeffcafa6e794c"
    + "0ecd051ffd115c8e4c707a0059ce1b96f7f53452ffb8ce6a79daa3c9dea903dc9a000218"
    + "73657276696365733d7376635f613a302c7376635f623a3100021d7376635f615f636170"
    + "6162696c69746965733d726561642c777269746500021c7376635f615f76616c69645f75"
    + "6e74696c3d313839333435363030300002cd016e6f74653d"
    + String(repeating: "78", count: 200)
    + "0000062092665c29cbb8cc9a35b63a99979d16d055db5b586b2acd1509040345a284f032"
}
