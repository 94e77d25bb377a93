// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookFormats
import LuaBridge

extension HostFunctions {
    /// Steps for a byte of XML: it is parsed twice, and its tree is built.
    private static let xmlFactor = 4

    /// `xml.decode(text)` and `xml.encode(value)`, in the mapping that bodies are read with.
    static func registerXML(in state: LuaState, context: CallContext) throws(LuaFailure) {
        try state.register("xml.decode", cost: 50) { call throws(HostFailure) in
            let text = try call.requiredBytes(1)
            try call.charge(self.steps(forBytes: text.count) * self.xmlFactor)
            let document = try self.document(of: text)
            call.results.pushJSON(document.bytes, nodes: document.nodes, named: "xml")
            return 1
        }
        try state.register("xml.encode", cost: 50) { [unowned context] call throws(HostFailure) in
            let document = try self.argument(of: call, context)
            try call.charge(self.steps(forBytes: document.bytes.count))
            do throws(FormatFailure) {
                call.results.push(try XMLBody.bytes(of: document))
                return 1
            } catch {
                throw HostFailure("xml.encode: \(error.detail)")
            }
        }
    }

    private static func document(of text: [UInt8]) throws(HostFailure) -> JSONDocument {
        do throws(FormatFailure) {
            let json = try XMLBody.json(of: text, contentType: nil)
            return try self.parsed(json)
        } catch {
            throw HostFailure("xml.decode: \(error.detail)")
        }
    }

    private static func parsed(_ json: [UInt8]) throws(FormatFailure) -> JSONDocument {
        do throws(JSONFailure) {
            return try JSONDocument(parsing: json)
        } catch {
            throw FormatFailure(error)
        }
    }

    /// Argument 1 as JSON; the event's data where it was not touched.
    private static func argument(of call: LuaCall, _ context: CallContext) throws(HostFailure) -> JSONDocument {
        let written: LuaJSON
        do throws(LuaFailure) {
            written = try call.json(at: 1, path: "value", limit: 16 << 20)
        } catch {
            throw HostFailure(error)
        }
        switch written {
        case .unchanged:
            guard let data = context.current?.data else { throw HostFailure("xml.encode: there is no value") }
            return data
        case .bytes(let bytes):
            do throws(FormatFailure) {
                return try self.parsed(bytes)
            } catch {
                throw HostFailure("xml.encode: \(error.detail)")
            }
        }
    }
}
