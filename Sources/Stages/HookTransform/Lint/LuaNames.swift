// SPDX-License-Identifier: Apache-2.0
import HookCore
import LuaBridge

/// What scripts find in the sandbox, asked of the sandbox itself, so that the two cannot differ.
struct LuaNames: Sendable {
    /// `now`, `string`.
    let globals: Set<String>
    /// Fields of the tables among them: `string` → `format`, ….
    let fields: [String: Set<String>]

    /// Nil where no Lua state can be made; then nothing is said about names.
    static let sandbox: LuaNames? = {
        do {
            return try Self.read()
        } catch {
            return nil
        }
    }()

    private static let listing = """
        local names = {}
        for name, value in pairs(_ENV) do
          names[#names + 1] = name
          if type(value) == "table" and value ~= _ENV then
            for field in pairs(value) do names[#names + 1] = name .. "." .. tostring(field) end
          end
        end
        return table.concat(names, "\\n")
        """

    private static func read() throws(LuaFailure) -> LuaNames {
        let state = try LuaState()
        try HostFunctions.register(in: state, context: CallContext(secrets: NoSecrets()))
        let chunk = try state.load(chunk: "names", source: Array(Self.listing.utf8))
        let (text, _) = try state.call(chunk, limits: ScriptLimits().load) { results throws(LuaFailure) in
            results.string(1) ?? ""
        }
        // `require` is given to each script set.
        var globals: Set<String> = ["require"]
        var fields: [String: Set<String>] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ".", maxSplits: 1).map(String.init)
            globals.insert(parts[0])
            if parts.count == 2 { fields[parts[0], default: []].insert(parts[1]) }
        }
        return LuaNames(globals: globals, fields: fields)
    }

    /// What stock Lua or earlier versions have and the sandbox has not, with what to write instead.
    static let removed: [String: String] = [
        "io": "scripts reach no files; put data into the event or a look-up",
        "os": "scripts see neither the machine nor its clock; now() is the time of the event",
        "os.time": "now() gives Unix milliseconds", "os.clock": "calls are counted in steps, not in seconds",
        "os.date": "time.format(t, \"rfc3339\")",
        "os.getenv": "variables are named in secrets:, and never reach a script",
        "debug": "error messages carry a traceback by themselves", "package": "require finds files below scripts/",
        "load": "code is text in files below scripts/", "loadstring": "code is text in files below scripts/",
        "loadfile": "require \"lib.money\" loads scripts/lib/money.lua",
        "dofile": "require \"lib.money\" loads scripts/lib/money.lua",
        "collectgarbage": "each call has a memory budget of its own",
        "coroutine": "a call runs from its start to its end", "xpcall": "pcall",
        "next": "pairs, or t[1] == nil for a list",
        "rawget": "index the table", "rawset": "assign to the table", "rawlen": "#t", "rawequal": "==",
        "warn": "log.warn(message)", "unpack": "table.unpack", "setfenv": "pass values as arguments",
        "getfenv": "pass values as arguments", "module": "return a table at the end of the file",
        "string.dump": "functions cannot be written out", "string.gfind": "string.gmatch",
        "math.randomseed": "rand() is seeded by the event", "math.pow": "x ^ y", "math.mod": "math.fmod",
        "table.getn": "#t", "table.foreach": "for k, v in pairs(t) do", "table.maxn": "#t",
        "bit32": "the operators & | ~ << >>",
    ]

    /// How many arguments functions of the host take. Only what certainly goes wrong is listed: Lua fills missing
    /// arguments with nil and drops those that are too many.
    static let arguments: [String: ClosedRange<Int>] = {
        var table: [String: ClosedRange<Int>] = [
            "is_null": 1...1, "object": 1...1, "copy": 1...1, "get": 2...3, "set": 3...3, "equal": 2...2, "num": 1...1,
            "json.decode": 1...1, "sha256": 1...1, "hmac": 2...2, "now": 0...0, "time.parse": 1...1,
            "time.format": 1...2,
            "time.add": 2...2, "uuid": 0...1, "rand": 0...2, "drop": 0...1, "fail": 0...1, "many": 1...1,
            "lookup": 2...2, "log.info": 1...2, "log.warn": 1...2, "log.error": 1...2, "count": 1...3, "require": 1...1,
        ]
        for name in [
            "base64.encode", "base64.decode", "base64.encode_url", "base64.decode_url", "hex.encode", "hex.decode",
        ] {
            table[name] = 1...1
        }
        for name in ["url.encode", "url.decode"] { table[name] = 1...1 }
        return table
    }()
}
