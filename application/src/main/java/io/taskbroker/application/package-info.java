/**
 * What all jobs share: loops, health, the failures of a store, and how a standstill is explained.
 */
@NullMarked
package io.taskbroker.application;

import org.jspecify.annotations.NullMarked;
