package io.taskbroker.application.operations;

/**
 * Something that an operator has done to this broker, or has tried to.
 *
 * @param atMs Unix milliseconds
 * @param order what was ordered, on what
 * @param result what became of it
 */
public record AuditEntry(long atMs, String actor, String order, String reason, String result) {}
