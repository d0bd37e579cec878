@org.jspecify.annotations.NullMarked
package io.taskbroker.adapters.http.brokers;
