#include "condition.h"

#include "../object.h"
#include "exchange.h"

#include <algorithm>
#include <cwctype>

namespace {

const unsigned DEEPEST = 32;

bool is_relation(ULONG operation) { return operation <= RELOP_NE; }

// How a caller's value is compared with a property: it must be of the property's type.
Value read_compared(ULONG tag, const SPropValue *given) {
    require(given, MAPI_E_INVALID_PARAMETER);
    Value value;
    require(read_value(*given, value), MAPI_E_TOO_COMPLEX);
    require(kept_type(PROP_TYPE(tag)) == value.type && !(value.type & MV_FLAG), MAPI_E_TOO_COMPLEX);
    return value;
}

Condition read_content(const SContentRestriction &given) {
    Condition condition{RES_CONTENT, given.ulFuzzyLevel, given.ulPropTag, 0, 0, {}, {}};
    condition.value = read_compared(given.ulPropTag, given.lpProp);
    const bool searchable = condition.value.type == PT_UNICODE || condition.value.type == PT_BINARY;
    require(searchable && (given.ulFuzzyLevel & 0xFFFF) <= FL_PREFIX, MAPI_E_TOO_COMPLEX);
    return condition;
}

bool holds_relation(ULONG relation, int order) {
    switch (relation) {
    case RELOP_LT: return order < 0;
    case RELOP_LE: return order <= 0;
    case RELOP_GT: return order > 0;
    case RELOP_GE: return order >= 0;
    case RELOP_EQ: return order == 0;
    default: return order != 0;
    }
}

template <typename Sequence> bool contains(const Sequence &whole, const Sequence &part, ULONG how) {
    switch (how & 0xFFFF) {
    case FL_PREFIX:
        return whole.size() >= part.size() && std::equal(part.begin(), part.end(), whole.begin());
    case FL_SUBSTRING:
        return std::search(whole.begin(), whole.end(), part.begin(), part.end()) != whole.end();
    default:
        return whole == part;
    }
}

std::wstring folded(std::wstring text, ULONG how) {
    if (how & (FL_IGNORECASE | FL_LOOSE))
        for (WCHAR &letter : text)
            letter = static_cast<WCHAR>(std::towlower(letter));
    return text;
}

bool has_content(const Value &there, const Condition &condition) {
    const ULONG how = condition.operation;
    if (there.type == PT_BINARY)
        return contains(there.bytes, condition.value.bytes, how);
    return contains(folded(there.text, how), folded(condition.value.text, how), how);
}

// Whether any recipient or attachment meets a condition.
bool is_met_within(const Condition &condition, const Row &row) {
    if (!row.content)
        return false;
    const auto meets = [&](const Properties &properties) {
        return is_met(condition.parts[0], Row{{}, properties, nullptr});
    };
    if (PROP_ID(condition.tag) == PROP_ID(PR_MESSAGE_RECIPIENTS))
        return std::any_of(row.content->recipients.begin(), row.content->recipients.end(),
                           [&](const Recipient &recipient) { return meets(recipient.properties); });
    return std::any_of(row.content->attachments.begin(), row.content->attachments.end(),
                       [&](const Attachment &attachment) { return meets(attachment.properties); });
}

bool is_met_by_value(const Condition &condition, const Value &there, const Row &row) {
    if (kept_type(PROP_TYPE(condition.tag)) != there.type)
        return false;
    switch (condition.kind) {
    case RES_CONTENT:
        return has_content(there, condition);
    case RES_PROPERTY:
        return holds_relation(condition.operation, compare(there, condition.value));
    case RES_BITMASK:
        return ((static_cast<ULONG>(there.number) & condition.number) == 0) == (condition.operation == BMR_EQZ);
    case RES_SIZE: {
        const size_t size = size_of(there);
        return holds_relation(condition.operation, size < condition.number ? -1 : size > condition.number);
    }
    case RES_COMPAREPROPS: {
        const Value *const other = value_of(row.properties, condition.other_tag);
        return other && other->type == there.type && holds_relation(condition.operation, compare(there, *other));
    }
    default:
        return true; // RES_EXIST
    }
}

} // namespace

Condition read_condition(const SRestriction *given, unsigned depth) {
    require(given, MAPI_E_INVALID_PARAMETER);
    require(depth < DEEPEST, MAPI_E_TOO_COMPLEX);
    const auto &res = given->res;
    Condition condition{given->rt, 0, 0, 0, 0, {}, {}};
    const auto add = [&](const SRestriction *part) { condition.parts.push_back(read_condition(part, depth + 1)); };
    switch (given->rt) {
    case RES_AND:
    case RES_OR: // which look the same
        require(res.resAnd.lpRes || !res.resAnd.cRes, MAPI_E_INVALID_PARAMETER);
        for (ULONG i = 0; i < res.resAnd.cRes; ++i)
            add(&res.resAnd.lpRes[i]);
        return condition;
    case RES_NOT:
        add(res.resNot.lpRes);
        return condition;
    case RES_CONTENT:
        return read_content(res.resContent);
    case RES_PROPERTY:
        require(is_relation(res.resProperty.relop), MAPI_E_TOO_COMPLEX);
        condition.operation = res.resProperty.relop;
        condition.tag = res.resProperty.ulPropTag;
        condition.value = read_compared(condition.tag, res.resProperty.lpProp);
        return condition;
    case RES_COMPAREPROPS:
        require(is_relation(res.resCompareProps.relop), MAPI_E_TOO_COMPLEX);
        condition.operation = res.resCompareProps.relop;
        condition.tag = res.resCompareProps.ulPropTag1;
        condition.other_tag = res.resCompareProps.ulPropTag2;
        return condition;
    case RES_BITMASK:
        require(PROP_TYPE(res.resBitMask.ulPropTag) == PT_LONG && res.resBitMask.relBMR <= BMR_NEZ, MAPI_E_TOO_COMPLEX);
        condition.operation = res.resBitMask.relBMR;
        condition.tag = res.resBitMask.ulPropTag;
        condition.number = res.resBitMask.ulMask;
        return condition;
    case RES_SIZE:
        require(is_relation(res.resSize.relop), MAPI_E_TOO_COMPLEX);
        condition.operation = res.resSize.relop;
        condition.tag = res.resSize.ulPropTag;
        condition.number = res.resSize.cb;
        return condition;
    case RES_EXIST:
        condition.tag = res.resExist.ulPropTag;
        return condition;
    case RES_SUBRESTRICTION:
        condition.tag = res.resSub.ulSubObject;
        require(PROP_ID(condition.tag) == PROP_ID(PR_MESSAGE_RECIPIENTS) ||
                    PROP_ID(condition.tag) == PROP_ID(PR_MESSAGE_ATTACHMENTS),
                MAPI_E_TOO_COMPLEX);
        add(res.resSub.lpRes);
        return condition;
    case RES_COMMENT:
        if (res.resComment.lpRes)
            add(res.resComment.lpRes);
        return condition;
    default:
        throw Refused{MAPI_E_TOO_COMPLEX};
    }
}

bool is_met(const Condition &condition, const Row &row) {
    const auto meets = [&](const Condition &part) { return is_met(part, row); };
    const auto &parts = condition.parts;
    switch (condition.kind) {
    case RES_AND:
    case RES_COMMENT:
        return std::all_of(parts.begin(), parts.end(), meets);
    case RES_OR:
        return std::any_of(parts.begin(), parts.end(), meets);
    case RES_NOT:
        return !meets(parts[0]);
    case RES_SUBRESTRICTION:
        return is_met_within(condition, row);
    default: {
        const Value *const there = value_of(row.properties, condition.tag);
        return there && is_met_by_value(condition, *there, row);
    }
    }
}
