-- Between the versions of order.shipped. Nothing is lost on the way there and back: a test says so.

local money = require "lib.money"

--- One list from another, each element by a function.
local function map(list, f)
  local made = array {}
  for place, item in ipairs(list) do made[place] = f(item) end
  return made
end

--- Amounts were text with two decimals, places were words of their own.
function v1_to_v2(data, ctx)
  local units, cents = data.total:match("^(%d+)%.(%d%d)$")
  if not units then fail("the total \"" .. data.total .. "\" is no amount with two decimals") end
  return {
    id = data.id,
    type = data.type,
    customer_id = data.customer,
    total_cents = math.tointeger(units) * 100 + math.tointeger(cents),
    currency = data.currency,
    shipping = {country = data.ship_to},
    lines = map(data.items, function(item) return {sku = item.sku, count = item.quantity} end),
  }
end

function v2_to_v1(data, ctx)
  return {
    id = data.id,
    type = data.type,
    customer = data.customer_id,
    total = money.format(data.total_cents, data.currency),
    currency = data.currency,
    ship_to = data.shipping.country,
    items = map(data.lines, function(line) return {sku = line.sku, quantity = line.count} end),
  }
end
