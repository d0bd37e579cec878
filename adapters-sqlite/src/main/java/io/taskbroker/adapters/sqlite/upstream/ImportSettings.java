package io.taskbroker.adapters.sqlite.upstream;

import io.taskbroker.application.intake.ActivationDecoder;

/**
 * What a file of the reference broker does not say, and its import has to know.
 *
 * @param topic that the tasks came from, as the file names none; empty if it is not known
 * @param decoder reads the payloads, which know what columns of older files lack
 */
public record ImportSettings(String topic, ActivationDecoder decoder) {
  /** Where the topic of a task is not known. */
  public static final String UNKNOWN_TOPIC = "";
}
