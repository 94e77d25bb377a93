-- SPDX-License-Identifier: Apache-2.0
function run(event)
  sum = 0
  for _, line in ipairs(event.data.lines) do
    sum = sum + line.cents
  end
  return {sum = sum}
end
