-- Amounts of money as text: whole minor units in, a decimal out, no floating point on the way.

local money = {}

-- Digits after the point where it is not two (ISO 4217).
local DIGITS = {
  bhd = 3, jod = 3, kwd = 3, omr = 3, tnd = 3,
  clp = 0, isk = 0, jpy = 0, krw = 0, vnd = 0, xaf = 0, xof = 0,
}

--- The amount as people write it: `money.format(1200, "eur")` is `"12.00"`, `money.format(1200, "jpy")` is `"1200"`.
function money.format(amount, currency)
  if math.type(amount) ~= "integer" then
    error("an amount is a whole number of minor units, not " .. tostring(amount), 2)
  end
  local digits = DIGITS[string.lower(currency or "")] or 2
  if digits == 0 then return tostring(amount) end

  local text = tostring(amount)
  local sign = ""
  if text:sub(1, 1) == "-" then
    sign, text = "-", text:sub(2)
  end
  text = string.rep("0", digits + 1 - #text) .. text
  return sign .. text:sub(1, -digits - 1) .. "." .. text:sub(-digits)
end

return money
