// swift-tools-version: 6.2
import PackageDescription

/// What every target is built with: Swift 6, all upcoming features, no warning let through.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableUpcomingFeature("ImmutableWeakCaptures"),
  .treatAllWarnings(as: .error),
]

/// The pure rooms also answer for every unsafe expression.
let pure = strict + [.strictMemorySafety()]

let package = Package(
  name: "tollbook",
  products: [
    .executable(name: "tollbook", targets: ["tollbook"]),
    .executable(name: "tollbook-courier", targets: ["Courier"]),
  ],
  targets: [
    .target(name: "CSystem"),
    .target(name: "CDigest"),
    .target(name: "JSON", swiftSettings: strict),
    .target(name: "Digest", dependencies: ["CDigest"], swiftSettings: strict),
    .target(name: "Ledger", dependencies: ["JSON"], swiftSettings: pure),
    .target(
      name: "Journal", dependencies: ["Ledger", "JSON", "Digest", "CSystem"],
      swiftSettings: strict),
    .target(name: "Rails", dependencies: ["Ledger", "JSON", "Digest"], swiftSettings: pure),
    .target(name: "HTTP", dependencies: ["CSystem"], swiftSettings: strict),
    .target(
      name: "Service",
      dependencies: ["Rails", "Journal", "HTTP", "Ledger", "JSON", "Digest", "CSystem"],
      swiftSettings: strict),
    .executableTarget(name: "tollbook", dependencies: ["Service"], swiftSettings: strict),
    .executableTarget(name: "Courier", dependencies: ["JSON"], swiftSettings: strict),
    .executableTarget(
      name: "Workbench",
      dependencies: ["Service", "Rails", "Journal", "HTTP", "Ledger", "JSON", "Digest"],
      swiftSettings: strict),
    .target(name: "Seeded", path: "Tests/Seeded", swiftSettings: strict),
    .testTarget(name: "TidyTests", swiftSettings: strict),
    .testTarget(name: "JSONTests", dependencies: ["JSON", "Seeded"], swiftSettings: strict),
    .testTarget(name: "DigestTests", dependencies: ["Digest", "Seeded"], swiftSettings: strict),
    .testTarget(
      name: "LedgerTests", dependencies: ["Ledger", "JSON", "Seeded"], swiftSettings: strict),
    .testTarget(
      name: "JournalTests", dependencies: ["Journal", "Ledger", "JSON", "Digest"],
      swiftSettings: strict),
    .testTarget(
      name: "RailsTests", dependencies: ["Rails", "Ledger", "JSON", "Digest", "Seeded"],
      swiftSettings: strict),
    .testTarget(name: "HTTPTests", dependencies: ["HTTP", "Seeded"], swiftSettings: strict),
    .testTarget(
      name: "ServiceTests",
      dependencies: [
        "Service", "Rails", "Journal", "HTTP", "Ledger", "JSON", "Digest", "tollbook", "Courier",
      ],
      swiftSettings: strict),
  ]
)
