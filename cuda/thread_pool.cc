#include "cuda/thread_pool.h"

#include <algorithm>
#include <utility>

#include "cuda/require.h"

// A worker joins a job under the mutex, and only while it is open; the caller closes the job when
// no index is left and waits for those that joined. A worker that the system did not wake in time
// is not waited for, which matters where cores are shared.

namespace fleet {
namespace {

// A loop usually follows another within microseconds, waking a thread costs tens of them.
constexpr int kSpins = 4000;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

ThreadPool::ThreadPool(int num_threads) {
  require(num_threads >= 0, "the number of threads is negative");
  if (num_threads == 0) {
    num_threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }
  for (int thread = 1; thread < num_threads; ++thread) {
    workers_.emplace_back([this, thread](const std::stop_token& stop) { serve(stop, thread); });
  }
}

ThreadPool::~ThreadPool() {
  for (std::jthread& worker : workers_) {
    worker.request_stop();
  }
  workers_.clear();
}

void ThreadPool::run(int count, void* context, Call call) {
  {
    const std::scoped_lock lock(mutex_);
    context_ = context;
    call_ = call;
    count_ = count;
    next_.store(0, std::memory_order_relaxed);
    error_ = nullptr;
    is_open_ = true;
    job_.fetch_add(1, std::memory_order_release);
  }
  wake_.notify_all();
  work(0);
  std::unique_lock lock(mutex_);
  is_open_ = false;
  finished_.wait(lock, [&] { return num_running_ == 0; });
  if (error_) {
    std::rethrow_exception(std::exchange(error_, nullptr));
  }
}

void ThreadPool::work(int thread) {
  for (;;) {
    const int index = next_.fetch_add(1, std::memory_order_relaxed);
    if (index >= count_) {
      return;
    }
    try {
      call_(context_, index, thread);
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      if (!error_) {
        error_ = std::current_exception();
      }
      next_.store(count_, std::memory_order_relaxed);
    }
  }
}

void ThreadPool::serve(const std::stop_token& stop, int thread) {
  std::uint64_t seen = 0;
  while (!stop.stop_requested()) {
    for (int spin = 0; spin < kSpins && job_.load(std::memory_order_acquire) == seen; ++spin) {
      relax();
    }
    std::unique_lock lock(mutex_);
    if (!wake_.wait(lock, stop, [&] { return job_.load(std::memory_order_relaxed) != seen; })) {
      return;
    }
    seen = job_.load(std::memory_order_relaxed);
    if (!is_open_) {
      continue;
    }
    ++num_running_;
    lock.unlock();
    work(thread);
    lock.lock();
    if (--num_running_ == 0) {
      lock.unlock();
      finished_.notify_one();
    }
  }
}

}  // namespace fleet
