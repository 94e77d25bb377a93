-- SPDX-License-Identifier: Apache-2.0
local started = now()

function run(event)
  return {started = started}
end
