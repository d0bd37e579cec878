package io.taskbroker.testkit;

import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Activations for tests: ordinary facts, of which a test states those that matter to it.
 *
 * <p>{@code Activations.pending("a").application("billing").atMostOnce().build()}
 */
public final class Activations {
  /** Where ordinary activations come from. */
  public static final Partition ORIGIN = new Partition("taskworker", 0);

  private final String id;
  private String application = "shop";
  private String namespace = "orders";
  private String taskname = "send_receipt";
  private Partition partition = ORIGIN;
  private long offset;
  private long receivedAtMs = SettableTime.START.wallMs();
  private long addedAtMs = SettableTime.START.wallMs();
  private @Nullable Long expiresAtMs;
  private @Nullable Long delayUntilMs;
  private int processingDeadlineSec = 10;
  private Delivery delivery = Delivery.AT_LEAST_ONCE;
  private OnAttemptsExceeded onAttemptsExceeded = OnAttemptsExceeded.DISCARD;
  private byte[] payload;

  private Activations(String id) {
    this.id = id;
    this.payload = ("payload of " + id).getBytes(StandardCharsets.UTF_8);
  }

  /** Received and added at {@link SettableTime#START}; may be worked on for 10 s. */
  public static Activations pending(String id) {
    return new Activations(id);
  }

  /** As {@link #pending}, but not to be begun before this time. */
  public static Activations delayed(String id, long untilMs) {
    return new Activations(id).delayUntil(untilMs);
  }

  public Activations application(String value) {
    application = value;
    return this;
  }

  public Activations namespace(String value) {
    namespace = value;
    return this;
  }

  public Activations taskname(String value) {
    taskname = value;
    return this;
  }

  /** Where its record was read; by default offset 0 of {@link #ORIGIN}. */
  public Activations at(Partition where, long recordOffset) {
    partition = where;
    offset = recordOffset;
    return this;
  }

  public Activations offset(long value) {
    offset = value;
    return this;
  }

  public Activations receivedAt(long unixMs) {
    receivedAtMs = unixMs;
    return this;
  }

  public Activations addedAt(long unixMs) {
    addedAtMs = unixMs;
    return this;
  }

  public Activations expiresAt(long unixMs) {
    expiresAtMs = unixMs;
    return this;
  }

  public Activations delayUntil(long unixMs) {
    delayUntilMs = unixMs;
    return this;
  }

  public Activations deadline(Duration value) {
    processingDeadlineSec = Math.toIntExact(value.toSeconds());
    return this;
  }

  public Activations atMostOnce() {
    delivery = Delivery.AT_MOST_ONCE;
    return this;
  }

  /** Dead-lettered when it has failed for good. */
  public Activations deadLettered() {
    return onAttemptsExceeded(OnAttemptsExceeded.DEAD_LETTER);
  }

  public Activations onAttemptsExceeded(OnAttemptsExceeded value) {
    onAttemptsExceeded = value;
    return this;
  }

  public Activations payload(byte[] value) {
    payload = value.clone();
    return this;
  }

  public Activation build() {
    return new Activation(
        id,
        application,
        namespace,
        taskname,
        partition,
        offset,
        receivedAtMs,
        addedAtMs,
        expiresAtMs,
        delayUntilMs,
        processingDeadlineSec,
        delivery,
        onAttemptsExceeded,
        payload.length,
        null);
  }

  /** The activation with its payload, on its way into a store. */
  public NewActivation arriving() {
    return new NewActivation(build(), payload.clone());
  }
}
