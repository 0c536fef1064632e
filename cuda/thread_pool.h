#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace fleet {

/// Persistent threads that share the indices of a loop. The caller works too.
///
/// Which thread takes which index is not fixed, so the body of a loop writes only what belongs to
/// its index (or to its thread, as scratch); sums over indices are made afterwards, in index order.
/// One caller at a time, and no loop inside a loop of the same pool.
class ThreadPool {
 public:
  /// @param num_threads including the caller; 0: one per core
  explicit ThreadPool(int num_threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int num_threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls body(index, thread) for each index in [0, count); thread is in [0, num_threads()).
  /// Allocates nothing. Rethrows the first exception of a body; later indices are then left out.
  template <typename Body>
  void parallel_for(int count, Body&& body) {
    if (count <= 1 || workers_.empty()) {
      for (int index = 0; index < count; ++index) {
        body(index, 0);
      }
      return;
    }
    using Bare = std::remove_reference_t<Body>;
    const Call call = [](void* context, int index, int thread) {
      (*static_cast<Bare*>(context))(index, thread);
    };
    run(count, const_cast<void*>(static_cast<const void*>(std::addressof(body))), call);
  }

 private:
  using Call = void (*)(void*, int, int);

  void run(int count, void* context, Call call);
  void work(int thread);  // takes indices until none is left
  void serve(const std::stop_token& stop, int thread);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::condition_variable finished_;
  bool is_open_ = false;  // a job may still be joined
  int num_running_ = 0;   // workers inside the job
  std::atomic<std::uint64_t> job_ = 0;
  std::atomic<int> next_ = 0;
  int count_ = 0;
  void* context_ = nullptr;
  Call call_ = nullptr;
  std::exception_ptr error_;
  std::vector<std::jthread> workers_;  // last: they use what stands above
};

}  // namespace fleet
