package io.taskbroker.adapters.protobuf;

/** The header of an activation that says how its parameters are compressed. */
final class CompressionHeader {
  static final String NAME = "compression-type";

  /** One frame that states its content size. Whatever else the header says means no compression. */
  static final String ZSTD = "zstd";

  private CompressionHeader() {}
}
