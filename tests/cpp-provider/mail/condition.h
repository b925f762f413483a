// Conditions that rows meet or not, copied out of a caller's restriction.
#pragma once

#include "mailbox.h"

struct Condition {
    ULONG kind; // RES_AND and the like
    ULONG operation = 0; // a relation, a fuzzy level, a test of bits
    ULONG tag = 0, other_tag = 0;
    ULONG number = 0; // a mask, a size
    Value value;
    std::vector<Condition> parts;
};

// Copies a restriction. Refuses what can't be evaluated.
Condition read_condition(const SRestriction *given, unsigned depth = 0);

// Whether a row meets a condition. What asks of a property that is not there is not met.
bool is_met(const Condition &condition, const Row &row);
