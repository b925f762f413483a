// The mistakes that this provider can make. As it is, it makes none; where CPP_PROVIDER_MISTAKE is the name of one, the
// process makes that. So one DLL is compiled for all of them.
#pragma once

// A name, the rule that it breaks, and what a developer has got wrong. One a line: the test reads them from here.
#define MISTAKES(MISTAKE) \
    MISTAKE(null_block_accepted, "SYNC-01", "a NULL block is taken as a request with nothing in it") \
    MISTAKE(size_ignored, "SYNC-02", "ulSize is never checked, so a smaller structure is read past its end") \
    MISTAKE(event_left_on_refusal, "SYNC-03", "a refused request closes its event and leaves the caller the handle") \
    MISTAKE(session_leaked, "SYNC-05", "the session is kept for the run and never released") \
    MISTAKE(callback_required, "SYNC-06", "a callback that doesn't know the interface fails the call") \
    MISTAKE(block_kept, "SYNC-07", "the worker looks at the caller's structure, which is gone by then") \
    MISTAKE(auto_reset_event, "SYNC-08", "the event resets itself, so only the first waiter sees the end") \
    MISTAKE(callers_handle_closed, "SYNC-08", "the worker signals and closes the handle that it gave to the caller") \
    MISTAKE(runs_on_callers_thread, "SYNC-09", "there is no worker: the call returns when everything is done") \
    MISTAKE(done_twice, "SYNC-10", "Done comes from the end of the run and once more from the clean-up") \
    MISTAKE(signalled_early, "SYNC-11", "the event is signalled first, and Done and the releases come afterwards") \
    MISTAKE(error_never_told, "SYNC-12", "a failed run reports its status only by Done") \
    MISTAKE(progress_answer_fatal, "SYNC-14", "any failure of Progress ends the run") \
    MISTAKE(progress_flood, "SYNC-14", "every step calls Progress") \
    MISTAKE(runs_side_by_side, "SYNC-15", "every request gets its own worker at once") \
    MISTAKE(cancellation_ignored, "SYNC-16", "logoff asks the run to end, and the run never checks") \
    MISTAKE(veto_ignored, "SYNC-16", "MAPI_E_USER_CANCEL from Progress is dropped") \
    MISTAKE(endless_queue, "SYNC-17", "any number of requests may wait") \
    MISTAKE(module_not_kept, "SYNC-18", "FreeLibrary during a run takes the worker's code away") \
    MISTAKE(lock_held, "SYNC-19", "the run, and with it the callback, holds the lock that every other call needs") \
    MISTAKE(lock_held_in_done, "SYNC-19", "Done is called under the lock that keeps new requests out while a run ends") \
    MISTAKE(com_not_initialised, "SYNC-20", "the worker never enters COM") \
    MISTAKE(worker_keeps_store, "SYNC-21", "the run holds the store, so there is no last Release to cancel it") \
    MISTAKE(sync_has_own_identity, "COM-01", "IMAPISync is an object beside the store, with an IUnknown of its own") \
    MISTAKE(out_left_by_query, "COM-02", "QueryInterface leaves *ppv unchanged for an unknown interface") \
    MISTAKE(plain_count, "COM-03", "references are counted without interlocked operations") \
    MISTAKE(outs_left, "COM-05", "unsupported methods leave their outs unchanged") \
    MISTAKE(not_implemented, "COM-06", "unsupported methods answer E_NOTIMPL") \
    MISTAKE(properties_from_malloc, "COM-07", "GetProps answers memory from the C runtime") \
    MISTAKE(errors_always_wide, "COM-08", "GetLastError answers UTF-16 whatever the flags ask for") \
    MISTAKE(version_not_told, "ENTRY-02", "an init call that fails doesn't report the provider's version") \
    MISTAKE(second_store, "ENTRY-04", "every logon makes a store of its own") \
    MISTAKE(own_error_passed_on, "ENTRY-06", "Logon answers E_FAIL when the profile section can't be opened") \
    MISTAKE(delete_wants_support, "ENTRY-07", "DELETE fails without a support object") \
    MISTAKE(transports_not_told, "ENTRY-09", "StoreLogoffTransports is never called") \
    MISTAKE(no_fast_shutdown, "ENTRY-10", "the provider object doesn't know IMAPIProviderShutdown") \
    MISTAKE(unread_not_counted, "STORE-03", "PR_CONTENT_UNREAD is always 0") \
    MISTAKE(foreign_ids_opened, "STORE-05", "nobody looks at the UID in an entry ID") \
    MISTAKE(cursor_always_moves, "STORE-13", "QueryRows ignores TBL_NOADVANCE") \
    MISTAKE(missing_sorted_as_zero, "STORE-14", "rows without the property change their end with the direction") \
    MISTAKE(found_row_passed, "STORE-16", "FindRow leaves the cursor behind the row that it has found") \
    MISTAKE(saved_when_set, "STORE-21", "SetProps changes the message itself, not the copy that is open") \
    MISTAKE(last_save_wins, "STORE-22", "SaveChanges doesn't look whether somebody else has saved") \
    MISTAKE(mark_is_a_save, "STORE-24", "a read mark counts as somebody else's save") \
    MISTAKE(recipients_numbered_anew, "STORE-28", "ModifyRecipients gives all rows new numbers") \
    MISTAKE(attachment_shown_at_once, "STORE-29", "an attachment is in the table before it is saved") \
    MISTAKE(create_keeps_value, "STORE-30", "OpenProperty with MAPI_CREATE keeps the value that is there") \
    MISTAKE(left_out_by_whole_tag, "STORE-32", "what CopyTo leaves out is compared with its type") \
    MISTAKE(deleted_with_contents, "STORE-33", "DeleteFolder deletes messages and folders without being told to") \
    MISTAKE(move_told_as_deletion, "STORE-39", "a move is told as a deletion and a creation") \
    MISTAKE(prior_left_empty, "STORE-40", "propPrior is always PR_NULL") \
    MISTAKE(one_type_array, "XP-01", "all logons hand out one array of address types, which goes with the first logoff") \
    MISTAKE(null_flags_read, "XP-02", "TransportLogon reads the flags before it looks whether there are any") \
    MISTAKE(logon_left_on_failure, "XP-02", "*lppXPLogon is set before the last thing that can fail") \
    MISTAKE(row_failure_leaks, "XP-07", "a logon whose row MAPI doesn't take is never released") \
    MISTAKE(available_by_validate, "XP-08", "STATUS_AVAILABLE is only set by ValidateState") \
    MISTAKE(told_under_lock, "XP-08", "TransportNotify holds its lock while it calls ModifyStatusRow") \
    MISTAKE(directions_swapped, "XP-08", "the begin of outbound sets the bit of inbound") \
    MISTAKE(notify_clears_available, "XP-08", "the first TransportNotify clears STATUS_AVAILABLE") \
    MISTAKE(garbage_without_memory, "XP-09", "AddressTypes hands out garbage once an allocation has failed") \
    MISTAKE(options_left, "XP-10", "RegisterOptions leaves its outs unchanged") \
    MISTAKE(cancel_ignored, "XP-12", "NOTIFY_CANCEL_MESSAGE is ignored") \
    MISTAKE(cancel_forgotten, "XP-12", "a cancellation that comes before the message is sent is forgotten") \
    MISTAKE(outs_of_submit_left, "XP-13", "*lpulMsgRef and *lpulReturnParm are never written") \
    MISTAKE(one_reference, "XP-13", "each message has the same reference") \
    MISTAKE(cancel_with_seconds, "XP-13", "a cancelled message has a number of seconds") \
    MISTAKE(rows_deleted, "XP-15", "rows that would be sent to twice are removed from the message") \
    MISTAKE(saved_and_closed, "XP-16", "SaveChanges(0) on the spooler's message") \
    MISTAKE(search_key_as_it_is, "XP-17", "search keys are not in upper case") \
    MISTAKE(delivery_time_on_outgoing, "XP-17", "a message that goes out gets PR_MESSAGE_DELIVERY_TIME") \
    MISTAKE(report_freed_twice, "XP-18", "the list of StatusRecips is freed though MAPI has taken it") \
    MISTAKE(lost_without_address, "XP-18", "a recipient without an address is settled, and nobody is told") \
    MISTAKE(report_without_keys, "XP-18", "rows of a report have no entry ID, search key, codes and time") \
    MISTAKE(no_yield, "XP-20", "nothing yields while a message is sent") \
    MISTAKE(every_error_critical, "XP-21", "any failure of a message sends NOTIFY_CRITICAL_ERROR") \
    MISTAKE(end_flags_left, "XP-23", "EndMessage leaves *lpulFlags unchanged") \
    MISTAKE(message_released, "XP-24", "SubmitMessage releases the spooler's message") \
    MISTAKE(receiving_ends, "XP-26", "a message that can't be saved is forgotten, and nothing comes after it") \
    MISTAKE(no_representing, "XP-27", "PR_RCVD_REPRESENTING_* are neither copied nor set") \
    MISTAKE(flush_never_ends, "XP-30", "the bits of a flush are never cleared by the transport itself") \
    MISTAKE(flush_end_ignored, "XP-30", "NOTIFY_END_..._FLUSH is ignored") \
    MISTAKE(modify_refused, "XP-32", "OpenStatusEntry fails with MAPI_MODIFY") \
    MISTAKE(dialog_that_is_none, "XP-32", "PR_RESOURCE_METHODS names a settings dialog that there is not") \
    MISTAKE(logoff_releases_nothing, "XP-33", "TransportLogoff does nothing") \
    MISTAKE(status_keeps_logon, "XP-34", "logon and status object hold each other")

enum class Mistake {
#define NAME_OF_MISTAKE(name, rule, what) name,
    MISTAKES(NAME_OF_MISTAKE)
#undef NAME_OF_MISTAKE
};

// Whether this process makes a mistake.
bool makes(Mistake mistake);
