// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto
import LuaBridge

extension HostFunctions {
    /// `base64.encode/decode`, `base64.encode_url/decode_url`, `hex.encode/decode`, `url.encode/decode`.
    static func registerCodings(in state: LuaState) throws(LuaFailure) {
        try self.coding("base64.encode", in: state) { Base64.encode($0) }
        try self.coding("base64.decode", in: state) { Base64.decode($0) }
        try self.coding("base64.encode_url", in: state) { Base64.encode($0, .url) }
        try self.coding("base64.decode_url", in: state) { Base64.decode($0, .url) }
        try self.coding("hex.encode", in: state) { Hex.encode($0) }
        try self.coding("hex.decode", in: state) { Hex.decode($0) }
        try self.coding("url.encode", in: state) { PercentCoding.encode($0) }
        try self.coding("url.decode", in: state) { PercentCoding.decode($0) }
    }

    /// A function from bytes to bytes; malformed input gives nil and a message, as Lua's own library does.
    private static func coding(
        _ name: String, in state: LuaState, _ body: @escaping ([UInt8]) -> [UInt8]?
    ) throws(LuaFailure) {
        try state.register(name) { call throws(HostFailure) in
            let input = try call.requiredBytes(1)
            try call.charge(self.steps(forBytes: input.count))
            guard let output = body(input) else {
                call.results.pushNil()
                call.results.push("\(name): the text is malformed")
                return 2
            }
            call.results.push(output)
            return 1
        }
    }

    /// `sha256(s)` and `hmac(secret_name, s)`, both in lower-case hexadecimal.
    static func registerDigests(in state: LuaState, context: CallContext) throws(LuaFailure) {
        try state.register("sha256", cost: 50) { call throws(HostFailure) in
            let input = try call.requiredBytes(1)
            try call.charge(self.steps(forBytes: input.count))
            call.results.push(Hex.encode(Digest.sha256(input)))
            return 1
        }
        try state.register("hmac", cost: 100) { [unowned context] call throws(HostFailure) in
            let name = try call.requiredString(1)
            let input = try call.requiredBytes(2)
            try call.charge(self.steps(forBytes: input.count))
            _ = try self.current(context, for: "hmac")
            // The name is the script's own text; the value never enters Lua, not even in an error.
            guard let secret = context.secrets.values(of: SecretName(name)).first else {
                throw HostFailure("hmac: there is no secret '\(name)' in the configuration, or it cannot be read now")
            }
            call.results.push(Hex.encode(MAC(.sha256, key: secret.reveal()).code(input)))
            return 1
        }
    }
}
