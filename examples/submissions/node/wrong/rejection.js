// An unhandled rejection ends Node with exit code 1.
Promise.reject(new Error('nobody handles me'));
