/**
 * For people who embed or extend the broker: contract tests, in-memory adapters, a whole broker in
 * one JVM.
 */
@NullMarked
package io.taskbroker.testkit;

import org.jspecify.annotations.NullMarked;
