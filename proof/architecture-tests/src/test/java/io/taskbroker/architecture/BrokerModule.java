package io.taskbroker.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.List;
import java.util.stream.Stream;

/**
 * The modules, and all that each of them may know: the others below it, and the packages (or single
 * classes) of its field. What is not named here is not allowed.
 */
@SuppressWarnings("ImmutableEnumChecker") // its lists never change
enum BrokerModule {
  PROTO("proto", List.of(), "java..", "com.google..", "io.grpc.."),
  DOMAIN("domain", List.of()),
  APPLICATION("application", List.of(DOMAIN), "java.util.concurrent..", "org.slf4j.."),
  INFLIGHT_STORE("inflight", List.of(APPLICATION, DOMAIN), "java.util.concurrent..", "org.slf4j.."),
  ADAPTERS_PROTOBUF(
      "adapters.protobuf",
      List.of(APPLICATION, DOMAIN, PROTO),
      "java.io..",
      "java.nio..",
      "java.security..",
      "com.github.luben.zstd..",
      "com.google.protobuf..",
      "org.msgpack..",
      "org.slf4j.."),
  ADAPTERS_KAFKA(
      "adapters.kafka",
      List.of(APPLICATION, DOMAIN),
      "java.io..",
      "java.nio..",
      "java.util.concurrent..",
      "org.apache.kafka..",
      "org.slf4j.."),
  ADAPTERS_TLS(
      "adapters.tls",
      List.of(APPLICATION, DOMAIN),
      "java.io..",
      "java.net.Socket",
      "java.nio..",
      "java.security..",
      "javax.net.ssl..",
      "org.slf4j.."),
  ADAPTERS_GRPC(
      "adapters.grpc",
      List.of(APPLICATION, DOMAIN, PROTO, ADAPTERS_TLS),
      "java.io..",
      "java.net..",
      "java.nio..",
      "java.security..",
      "java.util.concurrent..",
      "java.util.regex..",
      "javax.crypto..",
      "com.google.common..",
      "com.sun.management..",
      "com.google.protobuf..",
      "io.grpc..",
      "org.slf4j.."),
  ADAPTERS_SQLITE(
      "adapters.sqlite",
      List.of(INFLIGHT_STORE, APPLICATION, DOMAIN),
      "java.io..",
      "java.net.URLDecoder",
      "java.nio..",
      "java.sql..",
      "java.util.concurrent..",
      "javax.sql..",
      "com.zaxxer.hikari..",
      "org.slf4j..",
      "org.sqlite.."),
  ADAPTERS_POSTGRES(
      "adapters.postgres",
      List.of(INFLIGHT_STORE, APPLICATION, DOMAIN),
      "java.io.FileNotFoundException",
      "java.io.IOException",
      "java.net.URLDecoder",
      "java.net.UnknownHostException",
      "java.nio..",
      "java.security..",
      "java.sql..",
      "java.util.concurrent..",
      "java.util.zip.CRC32",
      "javax.net.ssl.SSLException",
      "javax.sql..",
      "com.zaxxer.hikari..",
      "org.postgresql..",
      "org.slf4j.."),
  ADAPTERS_METRICS(
      "adapters.metrics",
      List.of(APPLICATION, DOMAIN),
      "java.io..",
      "java.net..",
      "java.nio..",
      "java.util.concurrent..",
      "jdk.management..",
      "com.sun.management..",
      "com.timgroup.statsd..",
      "io.prometheus..",
      "org.HdrHistogram..",
      "org.slf4j.."),
  ADAPTERS_HTTP(
      "adapters.http",
      List.of(APPLICATION, DOMAIN, ADAPTERS_METRICS, ADAPTERS_TLS),
      "java.io..",
      "java.math..",
      "java.net..",
      "java.nio..",
      "java.security..",
      "java.util.concurrent..",
      "java.util.zip..",
      "javax.net.ssl..",
      "com.fasterxml.jackson.jr..",
      "org.eclipse.jetty..",
      "org.slf4j.."),
  SETTINGS(
      "settings",
      List.of(
          INFLIGHT_STORE,
          APPLICATION,
          DOMAIN,
          ADAPTERS_PROTOBUF,
          ADAPTERS_TLS,
          ADAPTERS_KAFKA,
          ADAPTERS_GRPC,
          ADAPTERS_SQLITE,
          ADAPTERS_POSTGRES,
          ADAPTERS_METRICS,
          ADAPTERS_HTTP),
      "java.io..",
      "java.net.URI",
      "java.net.URISyntaxException",
      "java.nio..",
      "org.yaml.snakeyaml.."),
  BOOTSTRAP(
      "bootstrap",
      List.of(
          INFLIGHT_STORE,
          APPLICATION,
          DOMAIN,
          ADAPTERS_PROTOBUF,
          ADAPTERS_TLS,
          ADAPTERS_KAFKA,
          ADAPTERS_GRPC,
          ADAPTERS_SQLITE,
          ADAPTERS_POSTGRES,
          ADAPTERS_METRICS,
          ADAPTERS_HTTP,
          SETTINGS),
      "java..",
      "javax..",
      "ch.qos.logback..",
      "com.fasterxml.jackson.jr..",
      "dagger..",
      "io.sentry..",
      "jakarta.inject..",
      "org.slf4j..",
      "picocli.."),
  TESTKIT(
      "testkit",
      List.of(INFLIGHT_STORE, APPLICATION, DOMAIN),
      "ch.qos.logback..",
      "java.io..",
      "java.nio.file..",
      "java.security..",
      "java.util.concurrent..",
      "org.assertj..",
      "org.junit..",
      "org.slf4j.."),
  EMBEDDED_KAFKA(
      "embeddedkafka",
      List.of(),
      "java.io..",
      "java.net..",
      "java.nio..",
      "java.security..",
      "java.util.concurrent..",
      "kafka..",
      "org.apache.kafka.."),
  EMBEDDED_POSTGRES(
      "embeddedpostgres",
      List.of(),
      "java.io..",
      "java.nio..",
      "java.sql..",
      "java.util.concurrent..",
      "java.util.jar..",
      "javax.sql..",
      "io.zonky.test.db.postgres.."),
  WORKLOAD(
      "workload",
      List.of(PROTO, EMBEDDED_KAFKA),
      "java..",
      "javax..",
      "com.fasterxml.jackson.jr..",
      "com.google.protobuf..",
      "io.grpc..",
      "org.HdrHistogram..",
      "org.apache.kafka..",
      "picocli.."),
  PROVING(
      "proving",
      List.of(PROTO, EMBEDDED_KAFKA, EMBEDDED_POSTGRES, WORKLOAD),
      "io.taskbroker.testkit.Authority", // makes certificates, and is no fake
      "io.taskbroker.testkit.Authority$Pair",
      "java..",
      "javax..",
      "com.google.protobuf..",
      "io.grpc..",
      "org.HdrHistogram..",
      "org.apache.kafka..",
      "picocli.."),
  FUZZING(
      "fuzzing",
      List.of(
          INFLIGHT_STORE,
          APPLICATION,
          DOMAIN,
          ADAPTERS_PROTOBUF,
          ADAPTERS_KAFKA,
          ADAPTERS_GRPC,
          ADAPTERS_SQLITE,
          SETTINGS,
          PROTO,
          TESTKIT),
      "java..",
      "com.google.protobuf..",
      "io.grpc..",
      "org.apache.kafka..",
      "picocli.."),
  SIMULATION(
      "simulation",
      List.of(INFLIGHT_STORE, APPLICATION, DOMAIN, TESTKIT),
      "java.io..",
      "java.util.concurrent..",
      "ch.qos.logback..",
      "jdk.internal.vm..",
      "picocli.."),
  QUICKSTART(
      "quickstart",
      List.of(APPLICATION, ADAPTERS_PROTOBUF, PROTO, WORKLOAD, EMBEDDED_KAFKA, EMBEDDED_POSTGRES),
      "java..",
      "com.fasterxml.jackson.jr..",
      "com.google.protobuf..",
      "io.grpc..",
      "org.apache.kafka..",
      "org.msgpack..",
      "org.slf4j..",
      "picocli.."),
  BENCHMARKS(
      "benchmarks",
      List.of(
          INFLIGHT_STORE,
          APPLICATION,
          DOMAIN,
          ADAPTERS_PROTOBUF,
          ADAPTERS_KAFKA,
          ADAPTERS_GRPC,
          ADAPTERS_SQLITE,
          ADAPTERS_POSTGRES,
          BOOTSTRAP,
          PROTO,
          TESTKIT,
          EMBEDDED_KAFKA,
          EMBEDDED_POSTGRES,
          WORKLOAD),
      "java..",
      "javax..",
      "com.fasterxml.jackson.jr..",
      "com.google.protobuf..",
      "io.grpc..",
      "org.HdrHistogram..",
      "org.knowm.xchart..",
      "org.openjdk.jmh..",
      "org.slf4j..",
      "org.sqlite..",
      "picocli..");

  /** What even the rules themselves may use: values, collections, time as a value. */
  private static final List<String> EVERYBODY =
      List.of(
          "java.lang..",
          "java.math..",
          "java.nio.charset..",
          "java.time..",
          "java.util",
          "java.util.function..",
          "java.util.random..",
          "java.util.regex..",
          "java.util.stream..",
          "org.jspecify..");

  private final String path;
  private final List<BrokerModule> below;
  private final List<String> libraries;

  BrokerModule(String path, List<BrokerModule> below, String... libraries) {
    this.path = path;
    this.below = below;
    this.libraries = List.of(libraries);
  }

  /** The name as people say it, which is also the package below the root. */
  String path() {
    return path;
  }

  /** The module's packages under this root, as ArchUnit writes them. */
  String packages(String root) {
    return root + "." + path + "..";
  }

  /** All that the module's classes may mention. */
  DescribedPredicate<JavaClass> known(String root) {
    String[] packages =
        Stream.of(
                Stream.of(packages(root)),
                below.stream().map(module -> module.packages(root)),
                EVERYBODY.stream(),
                libraries.stream())
            .flatMap(some -> some)
            .toArray(String[]::new);
    return JavaClass.Predicates.resideInAnyPackage(packages)
        .or(
            DescribedPredicate.describe(
                "named one by one", type -> libraries.contains(type.getName())));
  }
}
