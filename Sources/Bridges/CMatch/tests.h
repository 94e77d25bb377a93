// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "internal.h"

/// Whether a string passes a test of strings; false for any other test.
bool match_passes_text(match_scratch *scratch, match_leaf *leaf, const uint32_t *code);
/// Whether a number passes a test of numbers; false for any other test.
bool match_passes_number(match_scratch *scratch, match_leaf *leaf, const uint32_t *code);
