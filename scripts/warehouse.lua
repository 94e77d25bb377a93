-- Lines of orders as the warehouse takes them.

-- One line; event.data.order is the order around it.
function pick(event)
  local line = event.data
  if not opt(line.qty) then
    fail("the line has no number of pieces")
  end
  return {
    order_no = line.order.id,
    line = tonumber(event.id:match("%.(%d+)$")),
    sku = line.sku,
    count = line.qty,
    country = get(line, "ship_to.name", "?"),
  }
end
