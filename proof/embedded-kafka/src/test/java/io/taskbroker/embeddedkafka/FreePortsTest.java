package io.taskbroker.embeddedkafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FreePortsTest {
  private static final int MORE_THAN_A_BLOCK = 100;

  @Test
  void eachPort_isGivenOnce_andIsFree() throws Exception {
    Set<Integer> given = new HashSet<>();
    for (int i = 0; i < MORE_THAN_A_BLOCK; i++) {
      int port = FreePorts.any();
      given.add(port);
      listen(port).close();
    }

    assertThat(given).hasSize(MORE_THAN_A_BLOCK);
  }

  @Test
  void theSystem_givesNoneOfThemToOthers() throws Exception {
    int given = FreePorts.any();
    try (ServerSocket others = listen(0)) {
      assertThat(others.getLocalPort()).isGreaterThan(given);
    }
  }

  @Test
  void anotherProcess_findsTheBlockTaken() {
    int first = 20_000 + (FreePorts.any() - 20_000) / 64 * 64;

    assertThatThrownBy(() -> listen(first)).isInstanceOf(BindException.class);
  }

  @Test
  void aWish_isGranted_whileThePortIsFree() throws Exception {
    int wished = FreePorts.any();
    assertThat(FreePorts.preferably(wished)).isEqualTo(wished);
    try (ServerSocket _ = listen(wished)) {
      assertThat(FreePorts.preferably(wished)).isNotEqualTo(wished);
    }
  }

  private static ServerSocket listen(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }
}
