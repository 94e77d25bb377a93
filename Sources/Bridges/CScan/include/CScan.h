// SPDX-License-Identifier: Apache-2.0
// All that Swift sees of this target.
#pragma once
#include "scan.h"
#include "tape.h"
