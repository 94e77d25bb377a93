// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct EventIDTests {
    @Test func `an id survives its text and its bytes`() throws {
        for random in [0, 1, UInt64.max, 0x0123_4567_89AB_CDEF] {
            let id = EventID(time: WallTime(milliseconds: 1_767_225_600_123), random: random)
            #expect(EventID(id.description) == id)
            #expect(EventID(bytes: id.bytes) == id)
        }
    }

    @Test func `text order is time order`() {
        let early = EventID(time: WallTime(milliseconds: 1000), random: .max)
        let late = EventID(time: WallTime(milliseconds: 1001), random: 0)
        #expect(early < late)
        #expect(early.description < late.description)
    }

    @Test func `a delivery names its event`() {
        let event = EventID(time: WallTime(milliseconds: 5), random: 77)
        let delivery = DeliveryID(event: event, ordinal: 300)
        #expect(DeliveryID(delivery.description) == delivery)
        #expect(DeliveryID(delivery.description)?.event == event)
    }

    @Test(arguments: [
        "", "evt_", "evt_8zzzzzzzzzzzzzzzzzzzzzzzzz", "dlv_00000000000000000000000000",
        "evt_0000000000000000000000000u",
    ])
    func `malformed text is no id`(text: String) {
        #expect(EventID(text) == nil)
    }
}
