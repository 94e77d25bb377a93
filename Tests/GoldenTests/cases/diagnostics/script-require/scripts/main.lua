-- SPDX-License-Identifier: Apache-2.0
local money = require "lib.mony"

function run(event)
  return money.text(event.data)
end
