-- SPDX-License-Identifier: Apache-2.0
function run(event, ctx, limit)
  return event.data.total > limit
end
