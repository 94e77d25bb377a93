-- Orders of the shop, as the ERP wants them.

local money = require "lib.money"

--- Orders of 10,000.00 and more.
function is_big(event, ctx)
  return event.data.total_cents >= 1000000
end

--- The order in the words of the ERP; its lines go through as they are.
function to_erp(event, ctx)
  local order = event.data
  return {
    order_no = order.id,
    total = money.format(order.total_cents, get(order, "currency", "eur")),
    lines = opt(order.lines) or array {},
    country = order.shipping.country,
  }
end
