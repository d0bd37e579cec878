package io.taskbroker.fuzzing;

import io.taskbroker.adapters.protobuf.ActivationLimits;
import io.taskbroker.adapters.protobuf.MsgpackArgumentReader;
import io.taskbroker.adapters.protobuf.ProtobufActivationDecoder;
import io.taskbroker.adapters.protobuf.ProtobufActivationEncoder;
import io.taskbroker.adapters.protobuf.RawRecordDecoder;
import io.taskbroker.adapters.protobuf.RawTopicSettings;
import io.taskbroker.adapters.protobuf.ReadableActivations;
import io.taskbroker.application.intake.ActivationDecoder.Decoded;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.rules.Wanted;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The value of a record, and all that is done with it until its task is over. */
final class ActivationTarget implements Target {
  static final String NAME = "activation";

  private static final long NOW_MS = 1_771_000_000_000L;
  private static final Partition ORIGIN = new Partition("taskworker", 0);
  private static final Wanted WANTED = new Wanted(Set.of(0, 1), Set.of("b"), 100, 100);
  private static final RetryOverride OVERRIDE = new RetryOverride(5, 30L);

  private final ProtobufActivationDecoder decoder =
      new ProtobufActivationDecoder(ActivationLimits.DEFAULT, new NamePool());
  private final ProtobufActivationEncoder encoder = new ProtobufActivationEncoder();
  private final ReadableActivations people = new ReadableActivations();
  private final MsgpackArgumentReader rules = new MsgpackArgumentReader();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String about() {
    return "a record's value: decoded, judged by its arguments, shown, retried with overrides";
  }

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>(Samples.activations());
    var packing =
        new RawRecordDecoder(
            new RawTopicSettings("shop", "orders", "take_event", 30, 3), ActivationLimits.DEFAULT);
    var record = new SourceRecord(ORIGIN, 7, NOW_MS, Samples.arguments(), List.of());
    if (packing.decode(record, NOW_MS) instanceof Decoded.Good packed) {
      seeds.add(packed.payload());
    }
    return seeds;
  }

  @Override
  public void give(byte[] input) {
    var _ = rules.read(input, WANTED);
    var _ = people.read(input);
    var _ = encoder.earlierAttempts(input);
    switch (decode(input)) {
      case Decoded.Bad(String reason, _) -> Finding.unlessWords(reason, "a refused record");
      case Decoded.Good good -> retry(good, input);
    }
  }

  private Decoded decode(byte[] value) {
    return decoder.decode(new SourceRecord(ORIGIN, 7, NOW_MS, value, List.of()), NOW_MS);
  }

  private void retry(Decoded.Good good, byte[] payload) {
    var retry = encoder.nextAttempt(good.activation(), payload, OVERRIDE, NOW_MS);
    Finding.unless(
        decode(retry.payload()) instanceof Decoded.Good again
            && again.activation().id().equals(retry.id()),
        "a retry is no task, or another one");
    Finding.unless(
        decode(encoder.withOverride(payload, OVERRIDE)) instanceof Decoded.Good again
            && again.activation().id().equals(good.activation().id()),
        "a task is none any more, or another one, once its retries are overridden");
  }
}
