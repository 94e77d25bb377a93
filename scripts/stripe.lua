-- One Stripe event, three readers: the ledger, the customer, the fraud desk.
-- Stripe puts the object that changed at `data.object` of the body, amounts in whole minor units.

local money = require "lib.money"

-- What moved: positive for money that came in, negative for money that went back.
local function moved(object)
  if opt(object.amount_refunded) and object.amount_refunded > 0 then return -object.amount_refunded end
  return opt(object.amount_paid) or object.amount
end

--- A line for the ledger.
function entry(event, ctx)
  local object = event.data.data.object
  return {
    account = object.customer,
    amount = money.format(moved(object), object.currency),
    currency = object.currency,
    external_id = object.id,
    livemode = event.data.livemode,
  }
end

--- A receipt by mail.
function receipt(event, ctx)
  local object = event.data.data.object
  local to = opt(object.customer_email) or opt(object.receipt_email)
  if not to then return drop("the customer left no address") end
  return {
    to = to,
    subject = "Your receipt " .. (opt(object.number) or object.id),
    amount = money.format(moved(object), object.currency),
  }
end

--- A hint for the fraud desk: from 0, nothing special, to 100.
function risk(event, ctx)
  local object = event.data.data.object
  local amount = moved(object)
  local score = 0
  if amount >= 500000 then score = score + 40 end
  if amount >= 2000000 then score = score + 30 end
  if get(object, "customer_email", "") == "" then score = score + 20 end
  if get(object, "billing_reason") == "manual" then score = score + 10 end
  return {charge = opt(object.charge) or object.id, amount_paid = amount, score = score}
end
