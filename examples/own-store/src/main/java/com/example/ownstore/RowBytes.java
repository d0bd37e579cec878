package com.example.ownstore;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.inflight.engine.StoredActivation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A row, all but its payload, as bytes. Of a moment only the wall time means something later. */
final class RowBytes {
  private RowBytes() {}

  static byte[] of(StoredActivation row) {
    var bytes = new ByteArrayOutputStream(256);
    try (var out = new DataOutputStream(bytes)) {
      write(out, row.activation());
      write(out, row.state());
      out.writeInt(row.attempts());
      Integer maxAttempts = row.retry().maxAttempts();
      write(out, maxAttempts == null ? null : Long.valueOf(maxAttempts));
      write(out, row.retry().delayOnRetrySec());
      write(out, row.parked());
      write(out, row.failure());
      out.writeBoolean(row.underWay());
      out.writeLong(row.round());
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot fail", e);
    }
    return bytes.toByteArray();
  }

  static StoredActivation read(long key, byte[] bytes) {
    try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      Activation activation = readActivation(in);
      ActivationState state = readState(in);
      int attempts = in.readInt();
      Long maxAttempts = readLong(in);
      Long delaySec = readLong(in);
      RetryOverride retry =
          new RetryOverride(maxAttempts == null ? null : maxAttempts.intValue(), delaySec);
      String parked = readText(in);
      Failure failure = readFailure(in);
      boolean underWay = in.readBoolean();
      long round = in.readLong();
      return new StoredActivation(
          key, activation, state, attempts, retry, parked, failure, underWay, round);
    } catch (IOException e) {
      throw new UncheckedIOException("row " + key + " is cut short", e);
    }
  }

  private static void write(DataOutputStream out, Failure failure) throws IOException {
    write(out, failure == null ? null : failure.cause().name());
    if (failure != null) {
      out.writeLong(failure.atMs());
      write(out, failure.lastError());
    }
  }

  private static Failure readFailure(DataInputStream in) throws IOException {
    String cause = readText(in);
    return cause == null
        ? null
        : new Failure(FailureCause.valueOf(cause), in.readLong(), readText(in));
  }

  private static void write(DataOutputStream out, Activation facts) throws IOException {
    write(out, facts.id());
    write(out, facts.application());
    write(out, facts.namespace());
    write(out, facts.taskname());
    write(out, facts.partition().topic());
    out.writeInt(facts.partition().number());
    out.writeLong(facts.offset());
    out.writeLong(facts.receivedAtMs());
    out.writeLong(facts.addedAtMs());
    write(out, facts.expiresAtMs());
    write(out, facts.delayUntilMs());
    out.writeInt(facts.processingDeadlineSec());
    out.writeUTF(facts.delivery().name());
    out.writeUTF(facts.onAttemptsExceeded().name());
    out.writeInt(facts.payloadBytes());
    write(out, facts.defect());
  }

  private static Activation readActivation(DataInputStream in) throws IOException {
    return new Activation(
        readText(in),
        readText(in),
        readText(in),
        readText(in),
        new Partition(readText(in), in.readInt()),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        readLong(in),
        readLong(in),
        in.readInt(),
        Delivery.valueOf(in.readUTF()),
        OnAttemptsExceeded.valueOf(in.readUTF()),
        in.readInt(),
        readText(in));
  }

  private static void write(DataOutputStream out, ActivationState state) throws IOException {
    out.writeUTF(state.status().name());
    switch (state) {
      case Delayed(long untilMs) -> out.writeLong(untilMs);
      case Claimed(Moment leaseEnd, ClaimPurpose purpose) -> {
        out.writeLong(leaseEnd.wallMs());
        out.writeUTF(purpose.name());
      }
      case Processing(Moment deadline) -> out.writeLong(deadline.wallMs());
      case Pending _, AwaitingRetry _, Failed _, Completed _ -> {}
    }
  }

  private static ActivationState readState(DataInputStream in) throws IOException {
    return switch (Status.valueOf(in.readUTF())) {
      case DELAY -> new Delayed(in.readLong());
      case PENDING -> Pending.STATE;
      case CLAIMED -> new Claimed(readMoment(in), ClaimPurpose.valueOf(in.readUTF()));
      case PROCESSING -> new Processing(readMoment(in));
      case RETRY -> AwaitingRetry.STATE;
      case FAILURE -> Failed.STATE;
      case COMPLETE -> Completed.STATE;
    };
  }

  private static Moment readMoment(DataInputStream in) throws IOException {
    return new Moment(in.readLong(), 0);
  }

  private static void write(DataOutputStream out, Long value) throws IOException {
    out.writeBoolean(value != null);
    if (value != null) {
      out.writeLong(value);
    }
  }

  private static Long readLong(DataInputStream in) throws IOException {
    return in.readBoolean() ? in.readLong() : null;
  }

  /** Text of any length, or none. */
  private static void write(DataOutputStream out, String text) throws IOException {
    out.writeInt(text == null ? -1 : text.length());
    if (text != null) {
      out.writeChars(text);
    }
  }

  private static String readText(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0) {
      return null;
    }
    char[] chars = new char[length];
    for (int i = 0; i < length; i++) {
      chars[i] = in.readChar();
    }
    return new String(chars);
  }
}
