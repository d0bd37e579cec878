package io.taskbroker.bootstrap.config;

import java.util.List;

/** The side that workers talk to. */
final class GrpcKeys {
  static final Setting<String> ADDRESS =
      Setting.of("grpc_addr", Type.TEXT, "0.0.0.0")
          .must(
              "be an IP address or a host name, without a port",
              text -> text.matches("[0-9A-Za-z._:%\\[\\]-]+") && !text.matches("[^:]*:[0-9]+"))
          .means("The address to listen on.");
  static final Setting<Integer> PORT =
      Setting.of("grpc_port", Type.between(0, 65_535), 50051)
          .means("The port to listen on; 0 for no server at all.");
  static final Setting<List<String>> SHARED_SECRET =
      Setting.of("grpc_shared_secret", Type.TEXTS, List.<String>of())
          .secret()
          .means(
              "Secrets that requests may be signed with. The first signs what the broker pushes. An"
                  + " empty list lets every request in.");
  static final Setting<Long> MAX_MESSAGE_SIZE =
      Setting.of("grpc_max_message_size", Type.COUNT, 54_525_952L)
          .means("Bytes of the largest message that is pushed to a worker.");

  static final List<Setting<?>> ALL = List.of(ADDRESS, PORT, SHARED_SECRET, MAX_MESSAGE_SIZE);

  private GrpcKeys() {}
}
