// SPDX-License-Identifier: Apache-2.0

extension CodeRegistry {
    /// What stage 5 gives as a reason.
    static let store: [CodeEntry] = [
        CodeEntry(
            "store/corrupt-payload", "The stored payload is damaged",
            """
            The bytes of this delivery no longer match the checksum with which they were stored: the disk, or something \
            that wrote to the file, has changed them. They were not sent; the delivery is kept as a dead letter, and its \
            payload is not shown. Redriving ends in the same way. Check the disk (smartctl, dmesg), restore the store \
            from a backup where the event matters, or ask the sender to send it again, and discard the dead letter.
            """)
    ]
}
