// SPDX-License-Identifier: Apache-2.0
// The scans are inline; this file gives the target something to compile, and so checks the header.
#include "scan.h"
