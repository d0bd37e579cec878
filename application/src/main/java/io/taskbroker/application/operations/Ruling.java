package io.taskbroker.application.operations;

import io.taskbroker.domain.operator.Verdict;

/**
 * What became of an order about one task.
 *
 * @param words a sentence for people: what was done, or why not and what to do instead
 */
public record Ruling(Verdict verdict, String words) {}
