// Tests for cuda/thread_pool.h.

#include "cuda/thread_pool.h"

#include <atomic>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace fleet {
namespace {

TEST(ThreadPoolTest, VisitsEveryIndexOnce) {
  for (const int num_threads : {1, 2, 3, 7}) {
    ThreadPool pool(num_threads);
    EXPECT_EQ(pool.num_threads(), num_threads);
    for (int count = 0; count < 200; ++count) {
      std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
      std::atomic<bool> thread_is_known = true;
      pool.parallel_for(count, [&](int index, int thread) {
        ++visits[static_cast<std::size_t>(index)];
        thread_is_known = thread_is_known && thread >= 0 && thread < num_threads;
      });
      for (const auto& visit : visits) {
        ASSERT_EQ(visit, 1);
      }
      EXPECT_TRUE(thread_is_known);
    }
  }
}

TEST(ThreadPoolTest, ALoopSeesWhatTheLastOneWrote) {
  ThreadPool pool(3);
  std::vector<int> even(64, 0);
  std::vector<int> odd(64, 0);
  for (int loop = 0; loop < 5000; ++loop) {
    pool.parallel_for(64, [&](int index, int /*thread*/) {
      odd[static_cast<std::size_t>(index)] = even[static_cast<std::size_t>(63 - index)] + 1;
    });
    pool.parallel_for(64, [&](int index, int /*thread*/) {
      even[static_cast<std::size_t>(index)] = odd[static_cast<std::size_t>(63 - index)] + 1;
    });
  }
  EXPECT_EQ(even, std::vector<int>(64, 10000));
}

TEST(ThreadPoolTest, RethrowsAndGoesOn) {
  ThreadPool pool(3);
  const auto fail = [](int index, int /*thread*/) {
    if (index == 17) {
      throw std::runtime_error("seventeen");
    }
  };
  EXPECT_THROW(pool.parallel_for(100, fail), std::runtime_error);
  std::atomic<int> count = 0;
  pool.parallel_for(100, [&](int /*index*/, int /*thread*/) { ++count; });
  EXPECT_EQ(count, 100);
}

TEST(ThreadPoolTest, RefusesANegativeNumberOfThreads) {
  EXPECT_THROW(ThreadPool(-1), std::invalid_argument);
}

}  // namespace
}  // namespace fleet
