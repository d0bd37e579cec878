package io.taskbroker.application.dispatch;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;

/**
 * A worker's report.
 *
 * @param id of the activation; opaque, may be empty or unknown
 */
public record Report(String id, Conclusion conclusion, RetryOverride retry) {}
