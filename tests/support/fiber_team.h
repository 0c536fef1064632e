#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <type_traits>
#include <vector>

#include <ucontext.h>

#include "tests/support/emulated_team.h"

// A team whose lanes each run the whole program, as threads of a warp do: a lane goes on until it
// has to wait for the others. What a lane reads too early or two lanes write, which EmulatedTeam
// cannot show, then depends on the order of lanes.

namespace fleet::testing {

template <int kLanes>
class FiberTeam {
 public:
  /// @param reversed whether the last lane goes first
  explicit FiberTeam(bool reversed) : reversed_(reversed) {}

  /// Runs program() in all lanes.
  void run(const std::function<void()>& program) {
    program_ = &program;
    for (Lane& lane : lanes_) {
      lane.stack.resize(kStackBytes);
      lane.is_running = true;
      getcontext(&lane.context);
      lane.context.uc_stack.ss_sp = lane.stack.data();
      lane.context.uc_stack.ss_size = kStackBytes;
      lane.context.uc_link = &scheduler_;
      const auto address = reinterpret_cast<std::uintptr_t>(this);
      makecontext(&lane.context, reinterpret_cast<void (*)()>(&FiberTeam::enter), 2,
                  static_cast<unsigned>(address >> 32), static_cast<unsigned>(address));
    }
    for (num_running_ = kLanes; num_running_ > 0;) {  // a round: each lane to its next wait
      for (int k = 0; k < kLanes; ++k) {
        current_ = reversed_ ? kLanes - 1 - k : k;
        if (lanes_[current_].is_running) {
          swapcontext(&scheduler_, &lanes_[current_].context);
        }
      }
    }
  }

  void for_each(int n, auto&& f) const {
    for (int i = current_; i < n; i += kLanes) {
      f(i);
    }
    wait();
  }
  void once(auto&& f) const {
    if (current_ == 0) {
      f();
    }
    wait();
  }

  template <class F>
  auto sum(int n, F&& f) const {
    using T = std::decay_t<decltype(f(0))>;
    T partial{};
    for (int i = current_; i < n; i += kLanes) {
      partial = partial + f(i);
    }
    return sum_of_lanes<kLanes>(all_lanes(partial));
  }

  int place(int n, auto&& make, auto&& emit) const {
    int total = 0;
    for (int base = 0; base < n; base += kLanes) {
      const int i = base + current_;
      std::decay_t<decltype(make(0))> made{};
      int size = 0;
      if (i < n) {
        made = make(i);
        size = physics::size_of(made);
      }
      const std::array<int, kLanes> sizes = all_lanes(size);
      int at = total;
      for (int lane = 0; lane < current_; ++lane) {
        at += sizes[lane];
      }
      if (size > 0) {
        emit(i, at, made);
      }
      for (const int each : sizes) {
        total += each;
      }
    }
    wait();
    return total;
  }

 private:
  static constexpr std::size_t kStackBytes = std::size_t{256} << 10;
  struct Lane {
    ucontext_t context;
    std::vector<char> stack;
    bool is_running = false;
  };

  static void enter(unsigned high, unsigned low) {
    auto& team = *reinterpret_cast<FiberTeam*>(std::uintptr_t{high} << 32 | low);
    (*team.program_)();
    team.lanes_[team.current_].is_running = false;
    --team.num_running_;
  }

  void wait() const {
    const int lane = current_;
    swapcontext(&lanes_[lane].context, &scheduler_);
  }

  /// What each lane gave, as shuffles exchange it.
  template <class T>
  std::array<T, kLanes> all_lanes(const T& own) const {
    static_assert(sizeof(T) <= kExchangeBytes);
    std::memcpy(exchange_[current_].data(), &own, sizeof(T));
    wait();
    std::array<T, kLanes> all;
    for (int lane = 0; lane < kLanes; ++lane) {
      std::memcpy(static_cast<void*>(&all[lane]), exchange_[lane].data(), sizeof(T));
    }
    wait();
    return all;
  }

  static constexpr std::size_t kExchangeBytes = 16;
  bool reversed_;
  const std::function<void()>* program_ = nullptr;
  mutable int current_ = 0;
  int num_running_ = 0;
  mutable ucontext_t scheduler_{};
  mutable std::array<Lane, kLanes> lanes_;
  mutable std::array<std::array<std::byte, kExchangeBytes>, kLanes> exchange_{};
};

}  // namespace fleet::testing
