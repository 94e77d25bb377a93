// SPDX-License-Identifier: Apache-2.0
// What the stock string library of Lua 5.4.4 answers; our matcher must answer the same, errors included.
import Testing

@testable import LuaBridge

struct `Patterns` {
    /// Expression ⇒ results joined by bars, control characters and backslashes as \\x escapes.
    static let stock = #"""
        ("hello world"):find("o w") ⇒ 5|7
        ("hello world"):find("l+") ⇒ 3|4
        ("hello"):find("") ⇒ 1|0
        ("hello"):find("", 10) ⇒ nil
        ("hello"):find("", 6) ⇒ 6|5
        ("hello"):find("l", -2) ⇒ 4|4
        ("a.b"):find(".", 1, true) ⇒ 2|2
        ("a+b"):find("+", 1, true) ⇒ 2|2
        ("hello"):find("(l)(l)") ⇒ 3|4|l|l
        ("hello"):find("()ll()") ⇒ 3|4|3|5
        ("key = value"):match("^(%w+)%s*=%s*(%w+)$") ⇒ key|value
        ("key = value"):match("^%s*(.-)%s*$") ⇒ key = value
        ("  trim  "):match("^%s*(.-)%s*$") ⇒ trim
        ("2024-01-31"):match("(%d+)-(%d+)-(%d+)") ⇒ 2024|01|31
        ("abc"):match("b()") ⇒ 3
        ("abc"):match("^b") ⇒ nil
        ("abc"):match("c$") ⇒ c
        ("a$c"):match("a$c") ⇒ a$c
        ("x^y"):match("x^y") ⇒ x^y
        ("f(a(b)c)d"):match("%b()") ⇒ (a(b)c)
        ("((("):match("%b()") ⇒ nil
        ("THE (quick) fox"):find("%((%a+)%)") ⇒ 5|11|quick
        ("THE (quick) fox"):gsub("%f[%a]%a+", "X") ⇒ X (X) X|3
        ("THE (quick) fox"):find("%f[%l]%l+%f[%L]") ⇒ 6|10
        ("hello"):gsub("l", "L") ⇒ heLLo|2
        ("hello"):gsub("l", "L", 1) ⇒ heLlo|1
        ("hello"):gsub("", "-") ⇒ -h-e-l-l-o-|6
        ("hello"):gsub("l*", "x") ⇒ xhxexox|4
        ("hello world"):gsub("o", {o = "0"}) ⇒ hell0 w0rld|2
        ("hello world"):gsub("(%w+)", "<%1>") ⇒ <hello> <world>|2
        ("hello world"):gsub("%w+", "%0 %0") ⇒ hello hello world world|2
        ("hello"):gsub("(h)(e)", "%2%1") ⇒ ehllo|1
        ("$name is $age"):gsub("%$(%w+)", {name = "Bob", age = 7}) ⇒ Bob is 7|2
        ("abc"):gsub("%w", function(c) if c == "b" then return nil end return c:upper() end) ⇒ AbC|3
        ("abc"):gsub("%w", function(c) return false end) ⇒ abc|3
        ("abc"):gsub("b", "%%") ⇒ a%c|1
        ("abc def"):gsub("^%w+", "X") ⇒ X def|1
        ("abc"):gsub("^", "X") ⇒ Xabc|1
        ("abc"):gsub("$", "X") ⇒ abcX|1
        ("a,b,,c"):gsub(",", ";") ⇒ a;b;;c|3
        ("one two"):gsub("(%w+) (%w+)", "%2 %1") ⇒ two one|1
        ("x = 1"):gsub("()", "%1") ⇒ 1x2 3=4 516|6
        ("äöü"):gsub("[\128-\255]", ".") ⇒ ......|6
        ("[]"):find("[]]") ⇒ 2|2
        ("a]b"):find("[]]") ⇒ 2|2
        ("a-b"):find("[a-]", 2) ⇒ 2|2
        ("a^b"):find("[b^]") ⇒ 2|2
        ("abc123"):match("[^%d]+") ⇒ abc
        ("abc123"):match("[%a]+[%d]+") ⇒ abc123
        ("0x1F"):match("^0[xX](%x+)$") ⇒ 1F
        ("aaa"):match("a-") ⇒ 
        ("aaab"):match("a-b") ⇒ aaab
        ("aaa"):match("a?a?a?a?") ⇒ aaa
        ("aaa"):match("^(a?)(a?)(a?)(a?)$") ⇒ a|a|a|
        ("abab"):match("(ab)%1") ⇒ ab
        ("'it''s'"):match("(['\"])(.-)%1") ⇒ '|it
        ("\0a\0"):find("%z") ⇒ 1|1
        ("a\0b"):find("\0") ⇒ 2|2
        ("a\nb"):match("a.b") ⇒ a\x0ab
        ("TEST"):match("%u+") ⇒ TEST
        ("tab\there"):match("%s") ⇒ \x09
        ("a b_c-d"):gsub("%p", "") ⇒ a bcd|2
        ("%d"):gsub("%%d", "x") ⇒ x|1
        ("x"):rep(3, ","):gsub(",", "") ⇒ xxx|2
        ("abc"):find("b", -1) ⇒ nil
        ("abc"):find("a", -10) ⇒ 1|1
        ("a.b.c"):gsub("%.", "/") ⇒ a/b/c|2
        ("hello"):match(".-(l+)(.*)") ⇒ ll|o
        ("hello"):match("((h)(e))") ⇒ he|h|e
        ("  x"):find("^%s*") ⇒ 1|2
        ("abc"):gmatch("%w")() ⇒ a
        ("hello"):find("xyz") ⇒ nil
        ("hello"):match("(x?)") ⇒ 
        ("aXb"):gsub("%u", "%0%0") ⇒ aXXb|1
        ("abc"):match("[a-c]+") ⇒ abc
        ("abc"):match("[c-a]+") ⇒ nil
        ("a%b"):match("[%%]") ⇒ %
        ("a%b"):match("%%") ⇒ %
        ("abc"):gsub(".", {a = 1, b = true}) ⇒ ERROR invalid replacement value (a boolean)
        ("abc"):gsub("(b)()", "%2") ⇒ a3c|1
        ("\\n"):gsub("\\", "/") ⇒ /n|1
        ("x1y22"):gsub("%d+", function(d) return #d end) ⇒ x1y2|2
        ("abc"):find("(") ⇒ ERROR unfinished capture
        ("abc"):find("%") ⇒ ERROR malformed pattern (ends with '%')
        ("abc"):find("[a") ⇒ ERROR malformed pattern (missing ']')
        ("abc"):find("[a%") ⇒ ERROR malformed pattern (missing ']')
        ("abc"):find("(()") ⇒ ERROR unfinished capture
        ("abc"):find("a)") ⇒ nil
        ("abc"):find("%1") ⇒ ERROR invalid capture index %1
        ("abc"):find("%f") ⇒ ERROR missing '[' after '%f' in pattern
        ("abc"):find("%b") ⇒ ERROR malformed pattern (missing arguments to '%b')
        ("abc"):find("%bx") ⇒ ERROR malformed pattern (missing arguments to '%b')
        ("abc"):gsub("a", "%2") ⇒ ERROR invalid capture index %2
        ("abc"):gsub("a", "%") ⇒ ERROR invalid use of '%' in replacement string
        ("abc"):gsub("a", "%x") ⇒ ERROR invalid use of '%' in replacement string
        ("abc"):gsub("a", function() return {} end) ⇒ ERROR invalid replacement value (a table)
        ("abc"):gsub("(a", "x") ⇒ xbc|1
        ("abc"):gsub("a", true) ⇒ ERROR bad argument #2 to 'gsub' (string/function/table expected, got boolean)
        ("x"):gsub(".", {x = {}}) ⇒ ERROR invalid replacement value (a table)
        ("a"):match(("(a)"):rep(33)) ⇒ nil
        ("a"):rep(300):match(("a?"):rep(300)) ⇒ ERROR pattern too complex
        """#

    static let cases: [(source: String, expected: String)] = Self.stock.split(separator: "\n").map { line in
        let parts = line.split(separator: " ⇒ ", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }

    @Test(arguments: Self.cases.indices)
    func `a pattern answers as in stock Lua`(_ n: Int) throws {
        let test = Self.cases[n]
        let source = """
            local r = table.pack(pcall(function() return \(test.source) end))
            local text
            if r[1] then
                local t = {}
                for i = 2, r.n do t[i - 1] = tostring(r[i]) end
                text = table.concat(t, '|')
            else
                text = 'ERROR ' .. r[2]:gsub('^t.lua:%d+: ', '')
            end
            return (text:gsub('[%z\\1-\\31\\\\]', function(c) return ('\\\\x%02x'):format(c:byte()) end))
            """
        #expect(try Script.run(source) == test.expected, "\(test.source)")
    }

    @Test(arguments: [
        ("hello world from Lua", "%a+", "hello,world,from,Lua"), ("k=v, x=y", "(%w+)=(%w+)", "k,x"), ("abc", "", ",,,"),
        ("a1b2", "%d", "1,2"), ("aaa", "^a", ""), ("one;two;;four", "[^;]*", "one,two,,four"), ("xay", "()a", "2"),
    ])
    func `gmatch walks`(_ text: String, _ pattern: String, _ expected: String) throws {
        let source =
            "local t = {} for a in ('\(text)'):gmatch('\(pattern)') do t[#t + 1] = tostring(a) end return table.concat(t, ',')"
        #expect(try Script.run(source) == expected)
    }
}
