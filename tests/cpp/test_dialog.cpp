// ENTRY-14: the settings dialog, whose table and object a client made with MAPI's own headers reads.
#include "admin.h"
#include "probe.h"

#include <cstring>
#include <functional>

namespace {

// The setting `label` of the probe's manifest.
const ULONG LABEL = PROP_TAG(PT_UNICODE, 0x6601);

// MAPI's column of control IDs; mingw-w64's headers know the others.
const ULONG COLUMNS[] = {PR_CONTROL_TYPE, PR_CONTROL_FLAGS, PR_CONTROL_STRUCTURE, PR_CONTROL_ID,
                         PR_XPOS,         PR_YPOS,          PR_DELTAX,            PR_DELTAY};
enum Column { TYPE, BITS, STRUCTURE, ID, LEFT, TOP, WIDTH, HEIGHT, COUNT };

// A support object that shows a sheet.
class Showing : public Support {
public:
    std::function<HRESULT(IMAPITable *, IMAPIProp *)> show;
    ULONG window = 0; // as wide as mingw-w64’s headers have it
    std::string title;
    int shown = 0;

    HRESULT STDMETHODCALLTYPE DoConfigPropsheet(ULONG over, ULONG flags, LPTSTR text, LPMAPITABLE table,
                                                LPMAPIPROP data, ULONG top) override {
        EXPECT_EQ(flags, 0ul);
        EXPECT_EQ(top, 0ul);
        window = over;
        title = reinterpret_cast<const char *>(text);
        ++shown;
        return show(table, data);
    }
};

HRESULT configure(const probe::Dll &dll, Support &support, Admin &admin, ULONG flags) {
    MAPIERROR *error = nullptr;
    const HRESULT result = stack::invoke("ServiceEntry", dll.service_entry(), dll.module(), nullptr, &support, 0x77,
                                         flags | MAPI_UNICODE, MSG_SERVICE_CONFIGURE, 0, nullptr, &admin, &error);
    memory::free_buffer(error);
    return result;
}

// A structure with the texts after it, as it has to be.
template <typename T> std::string with_texts(const T &structure, std::initializer_list<const WCHAR *> texts) {
    std::string bytes(reinterpret_cast<const char *>(&structure), sizeof structure);
    for (const WCHAR *text : texts)
        bytes.append(reinterpret_cast<const char *>(text), (wcslen(text) + 1) * sizeof(WCHAR));
    return bytes;
}

std::string bytes(const SPropValue &value) {
    return std::string(reinterpret_cast<const char *>(value.Value.bin.lpb), value.Value.bin.cb);
}

void free_rows(SRowSet *rows) {
    for (ULONG row = 0; row < rows->cRows; ++row)
        memory::free_buffer(rows->aRow[row].lpProps);
    memory::free_buffer(rows);
}

SPropTagArray *tags(const ULONG *from, ULONG count, ULONG *buffer) {
    buffer[0] = count;
    std::memcpy(buffer + 1, from, count * sizeof *from);
    return reinterpret_cast<SPropTagArray *>(buffer);
}

// Looks at all rows and ends the call: `look` gets a page, a label and a field.
HRESULT read(IMAPITable *table, const std::function<void(const SRow *)> &look) {
    ULONG buffer[1 + COUNT], count = 0;
    EXPECT_EQ(table->SetColumns(tags(COLUMNS, COUNT, buffer), 0), S_OK);
    EXPECT_EQ(table->GetRowCount(0, &count), S_OK);
    EXPECT_EQ(count, 3ul);
    SRowSet *rows = nullptr;
    EXPECT_EQ(table->QueryRows(50, 0, &rows), S_OK);
    EXPECT_EQ(rows->cRows, 3ul);
    for (ULONG row = 0; row < rows->cRows; ++row) {
        EXPECT_EQ(rows->aRow[row].cValues, COUNT + 0ul);
        for (ULONG column = 0; column < COUNT; ++column)
            EXPECT_EQ(rows->aRow[row].lpProps[column].ulPropTag, COLUMNS[column]);
    }
    if (rows->cRows == 3)
        look(rows->aRow);
    free_rows(rows);
    EXPECT_EQ(table->QueryRows(50, 0, &rows), S_OK);
    EXPECT_EQ(rows->cRows, 0ul);
    free_rows(rows);
    return MAPI_E_USER_CANCEL;
}

} // namespace

SCENARIO("ENTRY-14 the structures of the display table are MAPI's, byte by byte") {
    const probe::Dll dll;
    Showing support;
    Admin admin;
    support.show = [](IMAPITable *table, IMAPIProp *) {
        return read(table, [](const SRow *rows) {
            const ULONG types[] = {DTCT_PAGE, DTCT_LABEL, DTCT_EDIT};
            for (int row = 0; row < 3; ++row)
                EXPECT_EQ(rows[row].lpProps[TYPE].Value.ul, types[row]);
            EXPECT_EQ(rows[0].lpProps[BITS].Value.ul, 0ul);
            EXPECT_EQ(rows[1].lpProps[BITS].Value.ul, 0ul);
            EXPECT_EQ(rows[2].lpProps[BITS].Value.ul, DT_EDITABLE + 0ul + DT_ACCEPT_DBCS);

            DTBLPAGE page = {};
            page.ulbLpszLabel = sizeof page;
            page.ulFlags = MAPI_UNICODE;
            page.ulbLpszComponent = sizeof page + sizeof L"Sync Probe";
            EXPECT(bytes(rows[0].lpProps[STRUCTURE]) == with_texts(page, {L"Sync Probe", L""}));

            DTBLLABEL label = {};
            label.ulbLpszLabelName = sizeof label;
            label.ulFlags = MAPI_UNICODE;
            EXPECT(bytes(rows[1].lpProps[STRUCTURE]) == with_texts(label, {L"Label"}));

            DTBLEDIT edit = {};
            edit.ulbLpszCharsAllowed = sizeof edit;
            edit.ulFlags = MAPI_UNICODE;
            edit.ulNumCharsAllowed = 4096;
            edit.ulPropTag = LABEL;
            EXPECT(bytes(rows[2].lpProps[STRUCTURE]) == with_texts(edit, {L"*"}));

            EXPECT(bytes(rows[0].lpProps[ID]) != bytes(rows[1].lpProps[ID]));
            EXPECT(bytes(rows[1].lpProps[ID]) != bytes(rows[2].lpProps[ID]));
            EXPECT_EQ(rows[0].lpProps[ID].Value.bin.cb, sizeof(GUID) + sizeof(ULONG) + 0ul);
            // The label is left of its field, on one line, and both are on the page.
            const auto place = [&](int row, Column column) { return rows[row].lpProps[column].Value.l; };
            EXPECT(place(1, LEFT) + place(1, WIDTH) <= place(2, LEFT));
            EXPECT(place(1, TOP) < place(2, TOP) + place(2, HEIGHT));
            EXPECT(place(2, LEFT) + place(2, WIDTH) <= place(0, WIDTH));
            EXPECT(place(2, TOP) + place(2, HEIGHT) <= place(0, HEIGHT));
        });
    };
    EXPECT_EQ(configure(dll, support, admin, SERVICE_UI_ALWAYS), MAPI_E_USER_CANCEL);
    EXPECT_EQ(support.shown, 1);
    EXPECT_EQ(support.window, 0x77ul);
    EXPECT(support.title == "Sync Probe");
    EXPECT_EQ(admin.section.saves, 0);
    EXPECT_EQ(support.reference_count(), 1);
    EXPECT_EQ(memory::roots(), 0);
}

SCENARIO("ENTRY-14 the table has a position, and no conditions") {
    const probe::Dll dll;
    Showing support;
    Admin admin;
    support.show = [](IMAPITable *table, IMAPIProp *) {
        LONG sought = 0;
        ULONG row = 9, numerator = 9, denominator = 9, status = 9, type = 9;
        SRowSet *rows = nullptr;
        EXPECT_EQ(table->SeekRow(BOOKMARK_END, -1, &sought), S_OK);
        EXPECT_EQ(sought, -1l);
        EXPECT_EQ(table->QueryPosition(&row, &numerator, &denominator), S_OK);
        EXPECT_EQ(row, 2ul);
        EXPECT_EQ(table->QueryRows(-2, 0, &rows), S_OK);
        EXPECT_EQ(rows->cRows, 2ul);
        free_rows(rows);
        EXPECT_EQ(table->QueryRows(2, TBL_NOADVANCE, &rows), S_OK);
        EXPECT_EQ(rows->cRows, 2ul);
        free_rows(rows);
        EXPECT_EQ(table->SeekRow(BOOKMARK_CURRENT, 99, &sought), S_OK);
        EXPECT_EQ(sought, 3l);
        EXPECT_EQ(table->SeekRow(77, 0, nullptr), MAPI_E_INVALID_BOOKMARK);
        EXPECT_EQ(table->QueryRows(LONG_MIN, 0, &rows), S_OK);
        EXPECT_EQ(rows->cRows, 3ul);
        free_rows(rows);
        EXPECT_EQ(table->GetStatus(&status, &type), S_OK);
        EXPECT_EQ(status, TBLSTAT_COMPLETE + 0ul);
        EXPECT_EQ(table->Restrict(nullptr, 0), S_OK);
        SRestriction restriction = {};
        EXPECT_EQ(table->Restrict(&restriction, 0), MAPI_E_TOO_COMPLEX);
        return MAPI_E_USER_CANCEL;
    };
    EXPECT_EQ(configure(dll, support, admin, SERVICE_UI_ALWAYS), MAPI_E_USER_CANCEL);
    EXPECT_EQ(memory::roots(), 0);
}

SCENARIO("ENTRY-14 what is set in the object is written to the profile") {
    const probe::Dll dll;
    Showing support;
    Admin admin;
    support.show = [](IMAPITable *, IMAPIProp *data) {
        ULONG buffer[3], count = 0;
        const ULONG both[] = {LABEL, PROP_TAG(PT_STRING8, 0x6601)};
        SPropValue *values = nullptr;
        EXPECT_EQ(data->GetProps(tags(both, 2, buffer), 0, &count, &values), S_OK);
        EXPECT_EQ(count, 2ul);
        EXPECT(wcscmp(values[0].Value.lpszW, L"probe") == 0);
        EXPECT(std::strcmp(values[1].Value.lpszA, "probe") == 0);
        memory::free_buffer(values);
        SPropValue value = {};
        value.ulPropTag = PROP_TAG(PT_STRING8, 0x6601);
        value.Value.lpszA = const_cast<char *>("typed");
        SPropProblemArray *problems = nullptr;
        EXPECT_EQ(data->SetProps(1, &value, &problems), S_OK);
        EXPECT(problems == nullptr);
        value.ulPropTag = PROP_TAG(PT_LONG, 0x6601);
        EXPECT_EQ(data->SetProps(1, &value, &problems), S_OK);
        EXPECT(problems && problems->cProblem == 1 && problems->aProblem[0].ulIndex == 0);
        EXPECT_EQ(problems->aProblem[0].scode, MAPI_E_INVALID_TYPE);
        memory::free_buffer(problems);
        return data->SaveChanges(0);
    };
    EXPECT_EQ(configure(dll, support, admin, SERVICE_UI_ALWAYS), S_OK);
    EXPECT_EQ(support.shown, 1);
    const WCHAR *typed = L"typed";
    EXPECT(admin.section.bytes(LABEL) == std::string(reinterpret_cast<const char *>(typed), 5 * sizeof(WCHAR)));
    EXPECT(admin.section.saves >= 1);
    EXPECT_EQ(memory::roots(), 0);
}
