-- A supplier's stock report as the warehouse wants it. XML arrives as a table: elements are keys, attributes have an @.

-- One element of a name is a value, several are a list.
local function each(value)
  if value == nil then return {} end
  if type(value) == "table" and value[1] ~= nil then return value end
  return {value}
end

function levels(event)
  local stock = event.data.stock
  local lines = {}
  for _, item in ipairs(each(stock.item)) do
    table.insert(lines, {sku = item["@sku"], count = math.tointeger(tonumber(item["#text"]))})
  end
  return {site = stock["@site"], lines = array(lines)}
end
