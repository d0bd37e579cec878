package io.taskbroker.adapters.http.admin;

/**
 * Who calls.
 *
 * @param name for the audit
 */
record Actor(String name, AdminRole role) {}
