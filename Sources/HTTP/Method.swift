/// A request method: case-sensitive, any token of RFC 9110.
public struct Method: Hashable, Sendable, CustomStringConvertible {
  /// The method as it travels, such as `GET`.
  public let name: String

  /// A method of any name; case counts.
  public init(_ name: String) { self.name = name }

  /// Reads; also answers HEAD where no route of its own exists.
  public static let get = Method("GET")
  /// GET without the body.
  public static let head = Method("HEAD")
  /// Submits.
  public static let post = Method("POST")
  /// Replaces.
  public static let put = Method("PUT")
  /// Changes a part.
  public static let patch = Method("PATCH")
  /// Removes.
  public static let delete = Method("DELETE")
  /// Asks for the methods of a path.
  public static let options = Method("OPTIONS")

  /// The method as it travels.
  public var description: String { name }
}
