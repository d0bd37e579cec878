package io.taskbroker.simulation.world;

import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.upkeep.ActivationEncoder;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.testkit.broker.PlainCodec;
import java.util.Set;
import java.util.TreeSet;

/** Reads and writes plain tasks, and fails on some of them. */
final class SimulatedCodec implements ActivationDecoder, ActivationEncoder {
  private final PlainCodec codec = new PlainCodec();
  private final Names names;
  private final Set<String> unencodable = new TreeSet<>();

  SimulatedCodec(Names names) {
    this.names = names;
  }

  void makeUnencodable(String root) {
    unencodable.add(root);
  }

  boolean isTroubled() {
    return !unencodable.isEmpty();
  }

  void heal() {
    unencodable.clear();
  }

  @Override
  public Decoded decode(SourceRecord record, long nowMs) {
    return codec.decode(record, nowMs);
  }

  @Override
  public byte[] withOverride(byte[] payload, RetryOverride override) {
    refuse(payload);
    return codec.withOverride(payload, override);
  }

  @Override
  public Retry nextAttempt(
      Activation activation, byte[] payload, RetryOverride override, long nowMs) {
    refuse(payload);
    return codec.nextAttempt(activation, payload, override, nowMs);
  }

  private void refuse(byte[] payload) {
    String root = names.rootOf(payload);
    if (unencodable.contains(root)) {
      throw new IllegalStateException(root + " cannot be encoded");
    }
  }
}
