-- Readings of one device and metric become one point a minute.

function minute(events, ctx)
  local first = events[1].data
  local min, max, sum = first.value, first.value, 0
  for _, event in ipairs(events) do
    local value = event.data.value
    if value < min then min = value end
    if value > max then max = value end
    sum = sum + value
  end
  return {
    device = first.device,
    metric = first.metric,
    from = ctx.window.opened_at,
    to = ctx.window.closed_at,
    count = ctx.window.count,
    min = min,
    max = max,
    avg = sum / #events,
  }
end

function alarm(event, ctx)
  local minute = event.data
  return {text = minute.device .. " reached " .. minute.max .. " degrees (" .. minute.count .. " readings)"}
end
