import Digest
import Testing

func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex)) }
