#include "apps/view/world/history.h"

#include <array>

#include <gtest/gtest.h>

namespace fleet::view {
namespace {

/// Two fields as an env has them: one contiguous, one inside of structs.
struct State {
  struct Memory {
    double kept = 0.0;
    double other = 0.0;
  };
  std::array<float, 4> observation{};  // (2, 2)
  std::array<Memory, 2> memory{};

  void set(float value) {
    observation = {value, value + 0.25F, value + 0.5F, value + 0.75F};
    memory = {Memory{value * 10.0, -1.0}, Memory{value * 100.0, -1.0}};
  }
  Fields fields() {
    return {make_field("observation", {2, 2}, observation.data()),
            make_strided_field("memory", {2, 1}, &memory[0].kept, sizeof(Memory))};
  }
};

TEST(HistoryTest, KeepsTheLastFramesAndForgetsTheOldest) {
  State state;
  History history(state.fields(), 1U << 20U, 3);
  for (int frame = 0; frame < 5; ++frame) {
    state.set(static_cast<float>(frame));
    history.push(state.fields());
  }
  EXPECT_EQ(history.first(), 2);
  EXPECT_EQ(history.last(), 4);
  const int observation = history.find("observation");
  const int memory = history.find("memory");
  for (int frame = 2; frame < 5; ++frame) {
    EXPECT_EQ(history.value(observation, frame, 1, 1), frame + 0.75);
    EXPECT_EQ(history.value(memory, frame, 1, 0), frame * 100.0);
  }
  EXPECT_EQ(history.find("nothing of this name"), -1);
}

TEST(HistoryTest, RestoresAFrameAndNothingBesideIt) {
  State state;
  History history(state.fields(), 1U << 20U, 8);
  for (int frame = 0; frame < 4; ++frame) {
    state.set(static_cast<float>(frame));
    history.push(state.fields());
  }
  state.memory[0].other = 7.0;
  history.restore(1, state.fields());
  EXPECT_EQ(state.observation[3], 1.75F);
  EXPECT_EQ(state.memory[1].kept, 100.0);
  EXPECT_EQ(state.memory[0].other, 7.0);
}

TEST(HistoryTest, GoesOnFromTheFrameAfterWhichItForgot) {
  State state;
  History history(state.fields(), 1U << 20U, 3);
  for (int frame = 0; frame < 5; ++frame) {
    state.set(static_cast<float>(frame));
    history.push(state.fields());
  }
  history.forget_after(3);
  state.set(40.0F);
  history.push(state.fields());
  EXPECT_EQ(history.last(), 4);
  EXPECT_EQ(history.first(), 2);
  EXPECT_EQ(history.value(history.find("observation"), 3, 0, 0), 3.0);
  EXPECT_EQ(history.value(history.find("observation"), 4, 0, 0), 40.0);
}

TEST(HistoryTest, KeepsTwoFramesWhateverTheirSize) {
  State state;
  EXPECT_EQ(History(state.fields(), 1, 3000).capacity(), 2);
}

}  // namespace
}  // namespace fleet::view
